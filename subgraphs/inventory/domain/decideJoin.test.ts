import { assert, describe, test } from 'vitest'
import type { JoinTokenRow } from '../store/joinTokens.ts'
import { decideCredential, decideJoin } from './decideJoin.ts'

const NOW = new Date('2027-01-01T12:00:00Z')
const HELLO = { name: 'east', uid: 'uid-east' }

function token(more: Partial<JoinTokenRow> = {}): JoinTokenRow {
  return {
    id: 'jointoken_1',
    cluster: 'east',
    createdAt: '2027-01-01T00:00:00Z',
    createdBy: 'olga',
    expiresAt: '2027-01-02T00:00:00Z',
    revokedAt: null,
    usedAt: null,
    clusterUid: null,
    ...more,
  }
}
const revokedAt = '2027-01-01T11:00:00Z'
const expiresAt = '2027-01-01T12:00:00Z'

/** The first that applies is told. */
describe('a join token', () => {
  const cases: Record<
    string,
    [token: JoinTokenRow | null, hello: { name: string; uid?: string }, code: string | null]
  > = {
    'that is new lets its cluster in': [token(), HELLO, null],
    'lets the same cluster in again, as its second replica': [token({ clusterUid: 'uid-east' }), HELLO, null],
    'that nobody gave out': [null, HELLO, 'JOIN_TOKEN_INVALID'],
    'that was revoked, even if it has run out too': [token({ revokedAt, expiresAt }), HELLO, 'JOIN_TOKEN_REVOKED'],
    'that runs out this instant': [token({ expiresAt }), HELLO, 'JOIN_TOKEN_EXPIRED'],
    'of another name': [token(), { ...HELLO, name: 'west' }, 'JOIN_TOKEN_FOR_ANOTHER_CLUSTER'],
    'that another cluster of the same name has used': [token({ clusterUid: 'uid-1' }), HELLO, 'JOIN_TOKEN_USED'],
    'of a cluster that does not say which it is': [token(), { name: 'east' }, 'CLUSTER_UID_MISSING'],
  }
  for (const [name, [given, hello, code]] of Object.entries(cases)) {
    test(name, () => assert.equal(decideJoin(given, hello, NOW)?.code ?? null, code))
  }
})

describe('a kept credential', () => {
  const had = (more: Partial<JoinTokenRow> = {}) => token({ clusterUid: 'uid-east', ...more })
  const cases: Record<string, [token: JoinTokenRow | null, hello: typeof HELLO, code: string | null]> = {
    'lets its cluster in, also when the join token has run out': [had({ expiresAt }), HELLO, null],
    'that nobody gave out': [null, HELLO, 'AGENT_CREDENTIAL_INVALID'],
    'whose join token was revoked': [had({ revokedAt }), HELLO, 'AGENT_CREDENTIAL_REVOKED'],
    'under another name': [had(), { ...HELLO, name: 'west' }, 'AGENT_CREDENTIAL_FOR_ANOTHER_CLUSTER'],
    'copied to another cluster': [had(), { ...HELLO, uid: 'uid-2' }, 'AGENT_CREDENTIAL_FOR_ANOTHER_CLUSTER'],
  }
  for (const [name, [given, hello, code]] of Object.entries(cases)) {
    test(name, () => assert.equal(decideCredential(given, hello)?.code ?? null, code))
  }
})

test('each refusal says what mends it', () => {
  const refusals = [
    decideJoin(null, HELLO, NOW),
    decideCredential(null, HELLO),
    decideJoin(token(), { name: 'east' }, NOW),
  ]
  for (const refusal of refusals) assert.match(refusal?.fix ?? '', /\S/)
})
