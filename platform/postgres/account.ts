import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { failed } from './errors.ts'

/** The operating system user that Postgres runs as. */
export interface Account {
  uid: number
  gid: number
  /** As people know it: `postgres (uid 101)`. */
  label: string
  /** What `spawn` needs to become this user; empty if we already are. */
  identity: { uid: number; gid: number } | Record<never, never>
}

/**
 * Postgres refuses to run as root; then it runs as the owner of the data that is already there, else as
 * the system's `postgres` user, else as `nobody`. Anyone but root runs it as themselves.
 * @param dataOwnerUid owner of the existing Postgres data, or null if there is none yet
 */
export async function chooseAccount(dataOwnerUid: number | null): Promise<Account> {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? 0, label: `${ownName()} (uid ${uid})`, identity: {} }

  const users = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  if (dataOwnerUid !== null && dataOwnerUid !== 0) {
    return other(users.find((user) => user.uid === dataOwnerUid) ?? { name: '?', uid: dataOwnerUid, gid: dataOwnerUid })
  }
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const user = users.find((candidate) => candidate.name === name && candidate.uid > 0)
    if (user !== undefined) return other(user)
  }
  throw failed(
    'Postgres refuses to run as root, and this system has neither a user postgres nor nobody.',
    'Start Sluice as an ordinary user, or add a system user named postgres.',
  )
}

/** The folder on the way to `path` (itself included) that the account may not enter, or null if it gets there. */
export async function firstClosedFolder(path: string, account: Account): Promise<string | null> {
  const parent = dirname(path)
  const above = parent === path ? null : await firstClosedFolder(parent, account)
  if (above !== null) return above
  const { uid, gid, mode } = await stat(path)
  const enter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return (mode & enter) === 0 ? path : null
}

interface SystemUser {
  name: string
  uid: number
  gid: number
}

export function parsePasswd(text: string): SystemUser[] {
  const users: SystemUser[] = []
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === undefined || uid === undefined || gid === undefined) continue
    // macOS writes nobody as -2, which setuid takes as an unsigned number.
    users.push({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 })
  }
  return users
}

function other({ name, uid, gid }: SystemUser): Account {
  return { uid, gid, label: `${name} (uid ${uid})`, identity: { uid, gid } }
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return '?' // a container may run under a uid without a name
  }
}
