import type { Pod, ResourceClaim, ResourceSlice } from '../../objects.ts'
import { podDevices } from './podDevices.ts'
import type { NodeDevice, SimulatedNode } from './simulatedNode.ts'

/** Driver of the devices of nodes whose devices are given by claims. */
export const SIMULATED_DRIVER = 'gpu.example.com'

/** What the driver says of its devices on a node. */
export function sliceOf(node: SimulatedNode, devices: readonly NodeDevice[]): ResourceSlice {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${node.name}-${SIMULATED_DRIVER}` },
    spec: {
      driver: SIMULATED_DRIVER,
      nodeName: node.name,
      pool: { name: node.name, generation: 1, resourceSliceCount: 1 },
      devices: devices.map(({ index, uuid, memoryMiB }) => ({
        name: nameOf(index),
        attributes: { uuid: { string: uuid }, productName: { string: node.gpuModel ?? '' } },
        capacity: { memory: { value: `${memoryMiB}Mi` } },
      })),
    },
  }
}

function nameOf(index: number): string {
  return `gpu-${index}`
}

/** As the kubelet prepares the claims of a pod before it runs. @returns why it could not; null: it can */
export async function unpreparedClaim(
  pod: Pod,
  find: (ref: { namespace: string; name: string }) => Promise<ResourceClaim | null>,
): Promise<string | null> {
  const { namespace = '', name: podName, uid } = pod.metadata
  const given: string[] = []
  for (const { name, resourceClaimName } of pod.spec?.resourceClaims ?? []) {
    const generated = pod.status?.resourceClaimStatuses?.find((status) => status.name === name)
    const claimName = resourceClaimName ?? generated?.resourceClaimName
    const claim = claimName === undefined ? null : await find({ namespace, name: claimName })
    if (claim === null) return `claim ${name} of pod ${podName} is not there`
    if (claim.status?.allocation === undefined) return `claim ${claimName} is not allocated`
    if (!claim.status.reservedFor?.some((consumer) => consumer.uid === uid))
      return `claim ${claimName} is not reserved for pod ${podName}`
    for (const { pool, device } of claim.status.allocation.devices?.results ?? []) given.push(`${pool}/${device}`)
  }
  const told = (podDevices(pod) ?? []).map(({ index }) => `${pod.spec?.nodeName}/${nameOf(index)}`)
  const isSame = given.sort().join() === told.sort().join()
  return isSame
    ? null
    : `its claims give ${given.join(', ') || 'nothing'}, and it was told ${told.join(', ') || 'nothing'}`
}
