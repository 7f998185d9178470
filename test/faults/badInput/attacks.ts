import { exportsAttack, pagesAttack } from './attacks/addresses.ts'
import { graphqlAttack } from './attacks/graphql.ts'
import { linkAttack } from './attacks/link.ts'
import { rawAttack } from './attacks/raw.ts'
import { framesAttack, webSocketAttack } from './attacks/webSocket.ts'
import type { Random } from './random.ts'
import type { Target } from './target.ts'

/** One malformed request, or one conversation of them. */
export interface Attack {
  /** Enough of what is sent to see what it is. */
  text: string
  /** @returns what was wrong with what came back; empty: nothing */
  run(): Promise<string[]>
}
export type Attacker = (target: Target, random: Random) => Attack

/** By the way in, with its share of all cases. */
const WAYS: readonly [way: string, share: number, Attacker][] = [
  ['GraphQL over HTTP', 45, graphqlAttack],
  ['GraphQL over WebSocket', 15, webSocketAttack],
  ['WebSocket frames', 4, framesAttack],
  ['link', 16, linkAttack],
  ['exports', 6, exportsAttack],
  ['explorer and unknown addresses', 4, pagesAttack],
  ['raw HTTP', 10, rawAttack],
]

export function attackOf(target: Target, random: Random): Attack & { way: string } {
  let at = random.below(WAYS.reduce((sum, [, share]) => sum + share, 0))
  for (const [way, share, attacker] of WAYS) {
    if (at < share) return { way, ...attacker(target, random) }
    at -= share
  }
  throw new Error('the shares do not add up')
}
