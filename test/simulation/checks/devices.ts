import { annotations } from '../../../kubernetes/names.ts'
import type { Job, Pod } from '../../../kubernetes/objects.ts'
import type { HolderKey } from '../../../scheduler/live/nodeBook.ts'
import type { MakeCheck } from './check.ts'
import { must } from './check.ts'

/** Of each device no more than all of it is given away: to pods that are bound, at the instant they are, and to slots that wait for theirs. */
export const checkDevices: MakeCheck = ({ truth, time, looking }) => {
  truth.pods.onChange(
    looking((change) => {
      if (change.type !== 'MODIFIED' || change.before.spec?.nodeName || !change.object.spec?.nodeName) return
      const node = change.object.spec.nodeName
      const held = new Map<number, { name: string; thousandths: number }[]>()
      for (const pod of truth.pods.items()) {
        if (pod.spec?.nodeName !== node || hasEnded(pod)) continue
        for (const { index, share } of devicesOf(pod)) {
          const thousandths = Math.round(Number(share) * 1_000)
          held.set(index, [...(held.get(index) ?? []), { name: pod.metadata.name ?? '', thousandths }])
        }
      }
      for (const [index, holders] of held) {
        const sum = holders.reduce((total, { thousandths }) => total + thousandths, 0)
        must(sum <= 1_000, () => `device ${index} of ${node} is held ${sum} ‰: ${JSON.stringify(holders)}`)
      }
    }),
  )
  const holderOf = (key: HolderKey) =>
    key.startsWith('pod:') ? truth.ledger.entryOfPod(key.slice('pod:'.length)) : truth.ledger.jobOfSlot(key)
  return {
    eachSecond() {
      const { overfull: all } = truth.ledger.refresh(time.domain.nowMs())
      // Which slots of a job in waves are kept for the pods still to come is its scheduler's choice. It may let one go
      // and take it back, when it hears of ends in another order: then whoever got it in between makes way unbound.
      const isSure = (key: HolderKey) => !isInWaves(holderOf(key)?.object)
      // Slots of one job may share a device, which is not too full by them.
      const isGivenTwice = (holders: HolderKey[]) =>
        holders.every(isSure) || new Set(holders.filter(isSure).map(holderOf)).size > 1
      const overfull = all.filter(isGivenTwice)
      must(overfull.length === 0, () => `a device is given away more than once: ${JSON.stringify(overfull)}`)
    },
  }
}

interface PodDevice {
  index: number
  uuid: string
  share: string
}

function isInWaves(job: Job | null | undefined): boolean {
  const { completionMode, completions, parallelism } = job?.spec ?? {}
  return completionMode === 'NonIndexed' && completions !== parallelism
}

export function devicesOf({ metadata }: Pod): PodDevice[] {
  return JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]')
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
