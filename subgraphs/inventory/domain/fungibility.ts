import type { CreateQueueInput, FlavorFungibility, UpdateQueueInput } from '../generated/resolvers.ts'

/** What the input leaves out is as it was before. */
export function fungibilityOf(
  { flavorFungibility: told }: Pick<CreateQueueInput | UpdateQueueInput, 'flavorFungibility'>,
  before: FlavorFungibility,
): FlavorFungibility {
  return {
    whenCanBorrow: told?.whenCanBorrow ?? before.whenCanBorrow,
    whenCanPreempt: told?.whenCanPreempt ?? before.whenCanPreempt,
  }
}
