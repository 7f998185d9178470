import type { Cluster } from '../../kubernetes/cluster.ts'
import type { DeviceClass, Pod, ResourceClaim, ResourceClaimTemplate } from '../../kubernetes/objects.ts'
import { SIMULATED_DRIVER } from '../../kubernetes/simulated/kubelet/claimedDevices.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import type { JobWish } from './stage.ts'

type ClaimSpec = ResourceClaim['spec']
type Requests = NonNullable<NonNullable<ClaimSpec['devices']>['requests']>

/** Nodes whose GPUs are given by claims. */
export function claimNodes(...names: string[]): SimulatedNode[] {
  return names.map((name) => ({ ...gpuNode, name, deviceControl: 'DRA' }))
}

export const GPU_CLASS = 'gpu'

export async function createGpuClass(cluster: Cluster, changes: Partial<DeviceClass['spec']> = {}): Promise<void> {
  await cluster.create('DeviceClass', {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: GPU_CLASS },
    spec: { selectors: [{ cel: { expression: `device.driver == "${SIMULATED_DRIVER}"` } }], ...changes },
  })
}

export function claimSpec(
  count = 1,
  exactly: Partial<NonNullable<Requests[number]['exactly']>> = {},
): Required<ClaimSpec> {
  return { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: GPU_CLASS, count, ...exactly } }] } }
}

export function claimTemplate(namespace: string, name: string, spec: ClaimSpec): ResourceClaimTemplate {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: { namespace, name },
    spec: { spec },
  }
}

export function namedClaim(namespace: string, name: string, spec: ClaimSpec): ResourceClaim {
  return { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { namespace, name }, spec }
}

/** A job whose pods have a claim from a template, or that claim itself. */
export function claiming(refersTo: { template: string } | { claim: string }, wish: JobWish = {}): JobWish {
  const claim =
    'template' in refersTo
      ? { name: 'gpu', resourceClaimTemplateName: refersTo.template }
      : { name: 'gpu', resourceClaimName: refersTo.claim }
  return { ...wish, pod: { resourceClaims: [claim], ...wish.pod } }
}

/** Devices that a claim has, as "pool/device". */
export function given({ status }: ResourceClaim): string[] {
  return (status?.allocation?.devices?.results ?? []).map(({ pool, device }) => `${pool}/${device}`)
}

/** Gives a claim devices of node `a`, as another scheduler would, which knows nothing of what is ours. */
export async function allocateTo(cluster: Cluster, name: string, devices: string[], pod?: Pod): Promise<void> {
  const results = devices.map((device) => ({ request: 'gpu', driver: SIMULATED_DRIVER, pool: 'a', device }))
  const { name: podName, uid } = pod?.metadata ?? {}
  const reservedFor = pod && [{ resource: 'pods', name: podName, uid }]
  const write = (value: object) =>
    cluster.patch('ResourceClaim', { namespace: 't', name }, [{ op: 'add', path: '/status', value }], {
      subresource: 'status',
    })
  await write({})
  await write({ allocation: { devices: { results } }, ...(reservedFor && { reservedFor }) })
}

/** A pod of nobody's Job, with that claim. */
export function lonelyPod(cluster: Cluster, name: string, claim: string): Promise<Pod> {
  return cluster.create('Pod', {
    metadata: { namespace: 't', name },
    spec: {
      containers: [{ name: 'main', image: 'example.test/x:1' }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: claim }],
    },
  })
}
