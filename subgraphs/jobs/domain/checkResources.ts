import type { UserError } from '../../../platform/graph/errors.ts'
import type { GpuRequest, PodResources } from '../../../platform/link/protocol.ts'
import { gpuRequestInvalid, quantityInvalid } from './errors.ts'
import { thousandths } from './thousandths.ts'

/** What is wrong with a pod's resources whatever nodes there are; empty: every quantity can be computed with. */
export function checkResources({ cpu, memoryMiB, gpu }: PodResources): UserError[] {
  const milli = thousandths(cpu)
  return [
    ...(milli === null || milli === 0 ? [quantityInvalid('cpu', cpu)] : []),
    ...(memoryMiB < 1 ? [quantityInvalid('memoryMiB', memoryMiB)] : []),
    ...(gpu ? checkGpu(gpu) : []),
  ]
}

function checkGpu({ count, share, memoryMiB }: GpuRequest): UserError[] {
  const found: UserError[] = []
  if (count === null && share === null) {
    found.push(
      gpuRequestInvalid(
        null,
        'has neither count nor share',
        'Give count for whole devices, or share for a part of one; leave gpu out for none.',
      ),
    )
  }
  if (count !== null && share !== null) {
    found.push(
      gpuRequestInvalid(
        null,
        'has both count and share',
        'Give count for whole devices, or share for a part of one, not both.',
      ),
    )
  }
  if (count !== null && count < 1) {
    found.push(gpuRequestInvalid('count', `has count ${count}`, 'Ask for at least 1 device; leave gpu out for none.'))
  }
  if (share !== null && !isShare(share)) {
    found.push(
      gpuRequestInvalid(
        'share',
        `has share ${JSON.stringify(share.slice(0, 40))}`,
        'Write a decimal from 0.001 to 1 with at most three decimals.',
      ),
    )
  }
  if (memoryMiB !== null && memoryMiB < 1) {
    found.push(gpuRequestInvalid('memoryMiB', `has memoryMiB ${memoryMiB}`, 'Ask for at least 1 MiB, or leave it out.'))
  }
  if (memoryMiB !== null && count !== null && count > 1) {
    found.push(
      gpuRequestInvalid(
        'memoryMiB',
        `asks for memory of ${count} devices`,
        'Give memoryMiB only for a share or for one device; whole devices come with all their memory.',
      ),
    )
  }
  return found
}

function isShare(text: string): boolean {
  const milli = thousandths(text)
  return milli !== null && milli >= 1 && milli <= 1000
}
