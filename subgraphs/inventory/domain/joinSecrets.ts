import { createHash, randomBytes } from 'node:crypto'

/** Beyond guessing, so that a plain hash of it tells nobody what it was. */
const SECRET_BYTES = 32

export function newSecret(prefix: string): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url')
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
