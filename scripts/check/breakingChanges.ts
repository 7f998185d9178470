import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import { PUBLIC_SCHEMA } from '../codegen/supergraph.ts'

/** Breaks made on purpose, each named by its path (`Job.phase`) with the reason; clients read it too. */
const ACCEPTED = 'docs/breaking-changes.md'

/** The public schema breaks no client of the one before it: the last commit's, or the one before if that is unchanged. */
export async function checkBreakingChanges(root: string): Promise<string[]> {
  if (!existsSync(join(root, PUBLIC_SCHEMA))) return []
  const current = readFileSync(join(root, PUBLIC_SCHEMA), 'utf8')
  const previous = await previousVersion(root, current)
  if (previous === null) return []
  const acceptedPath = join(root, ACCEPTED)
  const accepted = existsSync(acceptedPath) ? readFileSync(acceptedPath, 'utf8') : ''
  return breakingChanges(previous, current, accepted)
}

/** A line per change that breaks a client and is not named in `accepted`. */
export async function breakingChanges(previous: string, current: string, accepted: string): Promise<string[]> {
  const changes = await diff(buildSchema(previous), buildSchema(current))
  return changes
    .filter(({ criticality, path }) => criticality.level === 'BREAKING' && !accepted.includes(`\`${path}\``))
    .map(({ message, path }) => `${message}. If it must be, name \`${path}\` with the reason in ${ACCEPTED}`)
}

async function previousVersion(root: string, current: string): Promise<string | null> {
  for (const commit of ['HEAD', 'HEAD~1']) {
    const version = await committed(root, commit)
    if (version !== current) return version
  }
  return null
}

/** @returns null where there is no such commit, or the file was not in it */
function committed(root: string, commit: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      'git',
      ['show', `${commit}:${PUBLIC_SCHEMA}`],
      { cwd: root, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout) => resolve(error ? null : stdout),
    )
  })
}
