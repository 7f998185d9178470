import { assert, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { effectiveRequests, type PodTemplate, readPodRequest } from './podSpec.ts'

type PodSpec = NonNullable<Pod['spec']>
type Container = PodSpec['containers'][number]

const asking = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'main',
  resources: { requests },
  ...more,
})
const template = (spec: Partial<PodSpec>, told: Record<string, string> = {}): PodTemplate => ({
  metadata: { annotations: told },
  spec: { containers: [asking({ cpu: '1', memory: '1Gi' })], ...spec },
})
const read = (spec: Partial<PodSpec>, told?: Record<string, string>) =>
  readPodRequest(template(spec, told), 'spec.template')
const gpus = (count: string) => ({ containers: [asking({ 'nvidia.com/gpu': count })] })

describe('what a pod asks', () => {
  test('is what its containers ask together', () => {
    const containers = [asking({ cpu: '500m', memory: '1Gi' }), asking({ cpu: '2', memory: '512Mi' })]
    expect(read({ containers })).toMatchObject({ cpuMilli: 2500, memoryMiB: 1536, gpu: null })
  })

  test('is its limits where it names no requests', () => {
    const containers: Container[] = [
      { name: 'main', resources: { limits: { cpu: '2', memory: '1Gi', 'nvidia.com/gpu': '4' } } },
    ]
    expect(read({ containers })).toMatchObject({
      cpuMilli: 2000,
      memoryMiB: 1024,
      gpu: { count: 4, thousandths: 1000 },
    })
  })

  test('is what its largest init container asks beside the sidecars before it, where that is more', () => {
    const initContainers = [
      asking({ cpu: '1' }, { restartPolicy: 'Always' }),
      asking({ cpu: '4' }),
      asking({ cpu: '1' }, { restartPolicy: 'Always' }),
    ]
    assert.equal(effectiveRequests({ containers: [asking({ cpu: '1' })], initContainers }).cpuMilli, 5000)
    assert.equal(effectiveRequests({ containers: [asking({ cpu: '4' })], initContainers }).cpuMilli, 6000)
  })

  test('includes the overhead of its runtime', () => {
    assert.equal(effectiveRequests({ containers: [asking({ cpu: '1' })], overhead: { cpu: '250m' } }).cpuMilli, 1250)
  })

  const gpuCases: Record<string, [spec: Partial<PodSpec>, told: Record<string, string>, want: object]> = {
    'a share of one device': [
      {},
      { [annotations.gpuShare]: '0.25' },
      { count: 1, thousandths: 250, memoryMiB: 0, models: [] },
    ],
    'a share with memory of its own': [
      {},
      { [annotations.gpuShare]: '0.5', [annotations.gpuMemoryMib]: '10000' },
      { count: 1, thousandths: 500, memoryMiB: 10_000, models: [] },
    ],
    'models, any of which will do': [
      gpus('2'),
      { [annotations.gpuModels]: 'A100, H100' },
      { count: 2, thousandths: 1000, memoryMiB: 0, models: ['A100', 'H100'] },
    ],
  }
  for (const [name, [spec, told, want]] of Object.entries(gpuCases)) {
    test(`may be ${name}`, () => expect(read(spec, told)).toMatchObject({ gpu: want }))
  }

  const invalid: Record<string, [spec: Partial<PodSpec>, told: Record<string, string>]> = {
    'whole devices and a share': [gpus('1'), { [annotations.gpuShare]: '0.5' }],
    'a share of nothing': [{}, { [annotations.gpuShare]: '0' }],
    'a share of more than one device': [{}, { [annotations.gpuShare]: '1.5' }],
    'a share that is no number': [{}, { [annotations.gpuShare]: 'half' }],
    'a model without a GPU': [{}, { [annotations.gpuModels]: 'A100' }],
    'GPU memory without a GPU': [{}, { [annotations.gpuMemoryMib]: '1000' }],
  }
  for (const [name, [spec, told]] of Object.entries(invalid)) {
    test(`cannot be ${name}`, () => expect(read(spec, told)).toMatchObject({ code: 'InvalidRequest' }))
  }
})

describe('what else a pod asks', () => {
  const others = (spec: Partial<PodSpec>) => {
    const read_ = read(spec)
    return 'code' in read_ ? read_ : read_.others
  }

  test('is counted by name: storage in MiB, devices by the piece, at the peak of its containers', () => {
    assert.deepEqual(
      others({
        containers: [asking({ 'ephemeral-storage': '1500Ki', 'rdma/hca': '1' }), asking({ 'rdma/hca': '2' })],
        initContainers: [asking({ 'nvidia.com/mig-1g.10gb': '2' })],
        overhead: { 'ephemeral-storage': '1Mi' },
      }),
      { 'ephemeral-storage': 3, 'rdma/hca': 3, 'nvidia.com/mig-1g.10gb': 2 },
    )
  })

  test('is a host port of each protocol, once', () => {
    const port = { containerPort: 80, hostPort: 8080 }
    assert.deepEqual(
      others({
        containers: [
          asking({}, { ports: [port, { ...port, protocol: 'UDP' }, { containerPort: 90 }] }),
          asking({}, { ports: [port] }),
        ],
      }),
      { 'hostPort/TCP/8080': 1, 'hostPort/UDP/8080': 1 },
    )
  })

  test('is nothing where it asks for nothing else', () => {
    assert.isUndefined(others({ containers: [asking({ cpu: '1', 'ephemeral-storage': '0' })] }))
  })
})

/** Anti-affinity to the pods of this term. */
function apart(term: {
  topologyKey: string
  namespaceSelector?: object
  matchLabelKeys?: string[]
}): NonNullable<PodSpec['affinity']> {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
}

/** Affinity to nodes that match one of these. */
function required(nodeSelectorTerms: object[]): NonNullable<PodSpec['affinity']> {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } }
}

describe('claims', () => {
  const resourceClaims = [
    { name: 'gpu', resourceClaimTemplateName: 'whole' },
    { name: 'own', resourceClaimName: 'mine' },
  ]

  test('are named, each with the object it refers to', () => {
    const containers = [{ name: 'main', resources: { claims: [{ name: 'gpu' }] } }]
    expect(read({ resourceClaims, containers })).toMatchObject({
      gpu: null,
      claims: [
        { name: 'gpu', kind: 'ResourceClaimTemplate', object: 'whole' },
        { name: 'own', kind: 'ResourceClaim', object: 'mine' },
      ],
    })
  })

  test('and another way to ask for GPUs contradict each other', () => {
    const containers = [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': '1' } } }]
    expect(read({ resourceClaims, containers })).toMatchObject({ code: 'InvalidRequest' })
  })
})

describe('a field that would matter and is not supported is named', () => {
  const cases: Record<string, Partial<PodSpec>> = {
    'affinity.podAffinity': {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone' } }],
        },
      },
    },
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[1].matchFields[0].key': {
      affinity: required([{}, { matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['x'] }] }]),
    },
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator':
      { affinity: required([{ matchExpressions: [{ key: 'zone', operator: 'Like', values: ['z'] }] }]) },
    hostNetwork: { hostNetwork: true },
    nodeName: { nodeName: 'gpu-1' },
    os: { os: { name: 'windows' } },
    schedulingGates: { schedulingGates: [{ name: 'wait' }] },
    'topologySpreadConstraints[1].minDomains': {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 },
      ],
    },
    'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespaceSelector': {
      affinity: apart({ topologyKey: 'zone', namespaceSelector: { matchLabels: { team: 'x' } } }),
    },
    'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys': {
      affinity: apart({ topologyKey: 'zone', matchLabelKeys: ['app'] }),
    },
    'volumes[2].ephemeral': {
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'own', ephemeral: {} },
      ],
    },
    fieldOfTheFuture: { fieldOfTheFuture: { zone: 'b' } } as Partial<PodSpec>,
  }
  for (const [path, spec] of Object.entries(cases)) {
    test(path, () => {
      const reason = read(spec)
      expect(reason).toMatchObject({ code: 'UnsupportedField' })
      assert.include('message' in reason ? reason.message : '', `UnsupportedField(spec.template.spec.${path})`)
    })
  }

  test('but not one that is empty or says what is so anyway', () => {
    const spec: Partial<PodSpec> = {
      affinity: {},
      hostNetwork: false,
      os: { name: 'linux' },
      schedulingGates: [],
      topologySpreadConstraints: [],
      volumes: [{ name: 'config', configMap: { name: 'config' } }],
      securityContext: { runAsNonRoot: true },
    }
    assert.notProperty(read(spec), 'code')
  })
})
