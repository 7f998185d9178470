import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { SubgraphName } from '../link/protocol.ts'
import { type ConnectionOptions, withClient } from './connection.ts'

/** A password that a login role cannot have. */
export class PasswordError extends Error {
  readonly code = 'PASSWORD_INVALID'
  readonly fix = 'Take printable ASCII characters alone, such as those of `openssl rand -base64 24`.'
}

/**
 * Gives the login roles their passwords. What is sent is the verifier that Postgres stores, so that no
 * password comes into its log, or into a list of running statements.
 * @throws PasswordError, before anything is changed
 */
export async function setLoginPasswords(
  connection: ConnectionOptions,
  passwords: Partial<Record<SubgraphName, string>>,
): Promise<void> {
  const verifiers = Object.entries(passwords).map(([subgraph, password]) => {
    // Other characters would have to be normalized first (SASLprep), as each client does in its own way.
    if (!/^[\x20-\x7e]+$/.test(password))
      throw new PasswordError(`The password of sluice_${subgraph} has characters that not every client sends alike.`)
    return { role: `sluice_${subgraph}`, verifier: scramVerifier(password, randomBytes(SALT_BYTES)) }
  })
  if (verifiers.length === 0) return
  await withClient(connection, async (client) => {
    // Neither part needs quoting: role names are ours, and a verifier is Base64 with $ and :.
    for (const { role, verifier } of verifiers) await client.query(`alter role ${role} password '${verifier}'`)
  })
}

const SALT_BYTES = 16
const ITERATIONS = 4_096
const KEY_BYTES = 32

/** Source: RFC 5803 and 7677, in the form that Postgres keeps in pg_authid. */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256')
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest()
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${keyOf('Server Key').toString('base64')}`
}
