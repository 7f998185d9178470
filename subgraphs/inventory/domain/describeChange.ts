import type { Change } from '../../../scheduler/whatif/smallestChange.ts'
import { shownAmount } from './amounts.ts'
import { ANY_FLAVOR } from './quota.ts'

/** In words, for whoever reads it. */
export function describeChange(change: Change): string {
  const amount = amountOf(change)
  switch (change.kind) {
    case 'FEWER_PODS':
      return `With ${amount} ${amount === '1' ? 'pod' : 'pods'} it would be admitted now.`
    case 'FEWER_GPUS':
      return `With ${amount} ${amount === '1' ? 'GPU' : 'GPUs'} a pod it would be admitted now.`
    case 'SMALLER_SHARE':
      return `With a share of ${amount} of a GPU it would be admitted now.`
    case 'LESS_CPU':
      return `With ${amount} CPUs a pod it would be admitted now.`
    case 'LESS_MEMORY':
      return `With ${amount} MiB a pod it would be admitted now.`
    case 'OTHER_MODEL':
      return `On GPUs of model ${change.model} it would be admitted now.`
    case 'SHORTER_RUN':
      return `With a maxRuntimeSeconds of at most ${amount} it would be admitted now, before those for whom places are kept.`
    case 'OTHER_QUEUE':
      return 'In another queue it would be admitted now.'
    case 'MORE_QUOTA': {
      const unit = { GPU: 'GPUs', CPU: 'CPUs', MEMORY: 'MiB' }[change.resource]
      const where = change.flavor === ANY_FLAVOR ? '' : ` in flavor ${change.flavor}`
      return `With ${amount} ${unit} more of nominalQuota${where} it would be admitted now.`
    }
  }
}

/** The new value of what changes; null where it is no amount. */
export function amountOf(change: Change): string | null {
  switch (change.kind) {
    case 'FEWER_PODS':
      return String(change.pods)
    case 'FEWER_GPUS':
      return String(change.gpus)
    case 'SMALLER_SHARE':
      return shownAmount(change.thousandths, 'GPU')
    case 'LESS_CPU':
      return shownAmount(change.cpuMilli, 'CPU')
    case 'LESS_MEMORY':
      return String(change.memoryMiB)
    case 'SHORTER_RUN':
      return String(change.maxRuntimeMs / 1000)
    case 'MORE_QUOTA':
      return shownAmount(change.by, change.resource)
    case 'OTHER_MODEL':
    case 'OTHER_QUEUE':
      return null
  }
}
