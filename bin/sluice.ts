#!/usr/bin/env node
import '../platform/preload.ts'
import type { Command } from './command.ts'
import { explain } from './explain.ts'
import { readSettings } from './settings.ts'

/** Commands load when they are called: starting one must not pay for the others. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./commands/up.ts')).up,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  gateway: async () => (await import('./commands/gateway.ts')).gateway,
  subgraph: async () => (await import('./commands/subgraph.ts')).subgraph,
  agent: async () => (await import('./commands/agent.ts')).agent,
  token: async () => (await import('./commands/token.ts')).token,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  schema: async () => (await import('./commands/schema.ts')).schema,
  replay: async () => (await import('./commands/replay.ts')).replay,
}

// Whoever was reading has read enough, as `head` does: the program goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

async function main([name = 'help', ...args]: string[]): Promise<number> {
  const load = COMMANDS[name]
  if (load === undefined) {
    const asked = name === 'help' || name === '--help'
    const commands = await Promise.all(Object.values(COMMANDS).map((each) => each()))
    const lines = [
      'Usage: npm run sluice -- COMMAND',
      '',
      ...commands.map(({ usage, summary }) => `  ${usage.padEnd(60)} ${summary}`),
      '',
    ]
    process[asked ? 'stdout' : 'stderr'].write(`${asked ? '' : `There is no command "${name}".\n`}${lines.join('\n')}`)
    return asked ? 0 : 2
  }
  const command = await load()
  if (args.includes('--help')) {
    process.stdout.write(`Usage: npm run sluice -- ${command.usage}\n${command.summary}\n`)
    return 0
  }
  return command.run(args, readSettings(process.env))
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(explain(error))
  process.exitCode = 1
}
