import { shownAmount } from '../domain/amounts.ts'
import type { PendingNumbersResolvers } from '../generated/resolvers.ts'

export const PendingNumbers: PendingNumbersResolvers = {
  asked: ({ asked, resource }) => shownAmount(asked, resource),
  free: ({ free, resource }) => shownAmount(free, resource),
  biggestHole: ({ biggestHole, resource }) => (biggestHole === null ? null : shownAmount(biggestHole, resource)),
}
