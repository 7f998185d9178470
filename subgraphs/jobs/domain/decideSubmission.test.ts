import { assert, describe, expect, test } from 'vitest'
import { cluster, cpuFlavor, flavor, gpu, idOf, jobRequest, queue, submissionFacts } from '../testkit/builders.ts'
import { decideSubmission, type SubmissionFacts } from './decideSubmission.ts'
import type { JobRequest } from './jobRequest.ts'

function decide(request: Partial<JobRequest>, facts: Partial<SubmissionFacts> = {}) {
  return decideSubmission(jobRequest(request), submissionFacts(facts))
}

/** `CODE at.path` of every refusal. */
function refusals(request: Partial<JobRequest>, facts: Partial<SubmissionFacts> = {}): string[] {
  const decision = decide(request, facts)
  return decision.ok ? [] : decision.errors.map(({ code, field }) => `${code} ${field?.join('.') ?? ''}`.trim())
}

const resources = (overrides: Partial<JobRequest['resources']>) => ({
  resources: { ...jobRequest().resources, ...overrides },
})
const gpus = (overrides: Parameters<typeof gpu>[0]) => resources({ gpu: gpu(overrides) })

describe('what is refused whatever there is', () => {
  const cases: Record<string, { request: Partial<JobRequest>; want: string[] }> = {
    'a name with capitals': { request: { name: 'Train' }, want: ['NAME_INVALID name'] },
    'a name with a dot, which no hostname of a pod may have': {
      request: { name: 'a.b' },
      want: ['NAME_INVALID name'],
    },
    'an empty name': { request: { name: '' }, want: ['NAME_INVALID name'] },
    'a name of 46 characters': { request: { name: 'a'.repeat(46) }, want: ['NAME_INVALID name'] },
    'a name of 45 characters passes': { request: { name: 'a'.repeat(45) }, want: [] },
    'a name that ends with a dash': { request: { name: 'train-' }, want: ['NAME_INVALID name'] },
    'an image with a space': { request: { image: 'a b' }, want: ['IMAGE_INVALID image'] },
    'an empty image': { request: { image: '' }, want: ['IMAGE_INVALID image'] },
    'an image with port, tag and digest passes': {
      request: { image: `registry:5000/a/b:1.2@sha256:${'a'.repeat(64)}` },
      want: [],
    },
    'a NUL in the command': { request: { command: ['sh', 'a\0b'] }, want: ['TEXT_INVALID command.1'] },
    'half a surrogate pair in an environment value': {
      request: { env: [{ name: 'A', value: '\ud800' }] },
      want: ['TEXT_INVALID env.0.value'],
    },
    'an environment variable that starts with a digit': {
      request: { env: [{ name: '1A', value: '' }] },
      want: ['ENV_NAME_INVALID env.0.name'],
    },
    'an environment variable set twice': {
      request: {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      want: ['ENV_NAME_TWICE env.1.name'],
    },
    'a label of the platform': {
      request: { labels: [{ name: 'sluice.dev/job', value: 'x' }] },
      want: ['LABEL_RESERVED labels.0.name'],
    },
    'a label of a subdomain of the platform': {
      request: { labels: [{ name: 'a.sluice.dev/x', value: 'x' }] },
      want: ['LABEL_RESERVED labels.0.name'],
    },
    'a label of Kubernetes': {
      request: { labels: [{ name: 'batch.kubernetes.io/job-name', value: 'x' }] },
      want: ['LABEL_RESERVED labels.0.name'],
    },
    'a label without a name': {
      request: { labels: [{ name: 'a/', value: '' }] },
      want: ['LABEL_INVALID labels.0.name'],
    },
    'a label value with a slash': {
      request: { labels: [{ name: 'team', value: 'a/b' }] },
      want: ['LABEL_INVALID labels.0.value'],
    },
    'a label of a domain of its own passes': { request: { labels: [{ name: 'acme.com/team', value: '' }] }, want: [] },
    'a command beyond 64 KiB': { request: { command: ['x'.repeat(70_000)] }, want: ['SPEC_TOO_LARGE'] },
    'no replicas': { request: { replicas: 0 }, want: ['REPLICAS_OUT_OF_RANGE replicas'] },
    'negative replicas': { request: { replicas: -1 }, want: ['REPLICAS_OUT_OF_RANGE replicas'] },
    'a minimum of no replicas': { request: { minCount: 0 }, want: ['MIN_COUNT_OUT_OF_RANGE minCount'] },
    'a minimum above its replicas': { request: { minCount: 3 }, want: ['MIN_COUNT_OUT_OF_RANGE minCount'] },
    'a minimum that is all of them passes': { request: { minCount: 2 }, want: [] },
    'a runtime of 0 seconds': {
      request: { maxRuntimeSeconds: 0 },
      want: ['MAX_RUNTIME_OUT_OF_RANGE maxRuntimeSeconds'],
    },
    'an unknown priority class': {
      request: { priorityClass: 'system-node-critical' },
      want: ['PRIORITY_CLASS_UNKNOWN priorityClass'],
    },
    'a known priority class passes': { request: { priorityClass: 'sluice-batch' }, want: [] },
    'a topology level that is no name': {
      request: { topology: { required: 'Rack 7', preferred: '' } },
      want: ['TOPOLOGY_LEVEL_INVALID topology.required', 'TOPOLOGY_LEVEL_INVALID topology.preferred'],
    },
    'a topology level, whether or not a cluster has it, passes': {
      request: { topology: { required: 'zone', preferred: 'rack' } },
      want: [],
    },
    'no cores': { request: resources({ cpu: '0' }), want: ['QUANTITY_INVALID resources.cpu'] },
    'negative cores': { request: resources({ cpu: '-1' }), want: ['QUANTITY_INVALID resources.cpu'] },
    'cores with an exponent': { request: resources({ cpu: '1e400' }), want: ['QUANTITY_INVALID resources.cpu'] },
    'cores finer than a thousandth': {
      request: resources({ cpu: '0.0001' }),
      want: ['QUANTITY_INVALID resources.cpu'],
    },
    'cores with trailing zeros pass': { request: resources({ cpu: '0.50000' }), want: [] },
    'no memory': { request: resources({ memoryMiB: 0 }), want: ['QUANTITY_INVALID resources.memoryMiB'] },
    'several things at once are all said': {
      request: { name: '', replicas: 0 },
      want: ['NAME_INVALID name', 'REPLICAS_OUT_OF_RANGE replicas'],
    },
  }
  for (const [name, { request, want }] of Object.entries(cases)) {
    test(name, () => expect(refusals(request)).toEqual(want))
  }
})

describe('GPU requests', () => {
  const invalid = (part?: string) => [`GPU_REQUEST_INVALID resources.gpu${part ? `.${part}` : ''}`]
  const cases: Record<string, { request: Partial<JobRequest>; want: string[] }> = {
    'none at all passes': { request: resources({ gpu: null }), want: [] },
    'neither count nor share': { request: gpus({}), want: invalid() },
    'memory alone': { request: gpus({ memoryMiB: 1024 }), want: invalid() },
    'count and share': { request: gpus({ count: 1, share: '0.5' }), want: invalid() },
    'count 0': { request: gpus({ count: 0 }), want: invalid('count') },
    'count -1': { request: gpus({ count: -1 }), want: invalid('count') },
    'share 0': { request: gpus({ share: '0' }), want: invalid('share') },
    'share -0.5': { request: gpus({ share: '-0.5' }), want: invalid('share') },
    'share 0.0005': { request: gpus({ share: '0.0005' }), want: invalid('share') },
    'share 0.1234': { request: gpus({ share: '0.1234' }), want: invalid('share') },
    'share 1.001': { request: gpus({ share: '1.001' }), want: invalid('share') },
    'share NaN': { request: gpus({ share: 'NaN' }), want: invalid('share') },
    'share 0.001 passes': { request: gpus({ share: '0.001' }), want: [] },
    'share 1 passes': { request: gpus({ share: '1' }), want: [] },
    'memory of two devices': { request: gpus({ count: 2, memoryMiB: 1024 }), want: invalid('memoryMiB') },
    'memory of one device passes': { request: gpus({ count: 1, memoryMiB: 1024 }), want: [] },
    'no memory of a share': { request: gpus({ share: '0.5', memoryMiB: 0 }), want: invalid('memoryMiB') },
    'more than any node has': {
      request: gpus({ count: 9 }),
      want: ['EXCEEDS_LARGEST_NODE resources.gpu.count'],
    },
    'as many as an Int can say': {
      request: gpus({ count: 2_147_483_647 }),
      want: ['EXCEEDS_LARGEST_NODE resources.gpu.count'],
    },
    'more memory than any device has': {
      request: gpus({ share: '0.5', memoryMiB: 81_921 }),
      want: ['EXCEEDS_LARGEST_NODE resources.gpu.memoryMiB'],
    },
    'an unknown model': {
      request: gpus({ count: 1, models: ['H900'] }),
      want: ['GPU_MODEL_UNKNOWN resources.gpu.models'],
    },
    'an unknown model beside a known one passes': { request: gpus({ count: 1, models: ['H900', 'A100'] }), want: [] },
  }
  for (const [name, { request, want }] of Object.entries(cases)) {
    test(name, () => expect(refusals(request)).toEqual(want))
  }

  test('the refusal of an unknown model names those there are', () => {
    const decision = decide(gpus({ count: 1, models: ['H900'] }))
    assert(!decision.ok)
    expect(decision.errors[0]?.fix).toContain('A100')
  })

  test('where no cluster has GPUs, that is what is said', () => {
    expect(refusals({}, { clusters: [cluster({ flavors: [cpuFlavor()] })] })).toEqual([
      'GPU_MODEL_UNKNOWN resources.gpu.models',
    ])
  })
})

describe('what no node or cluster could ever hold', () => {
  test('more cores and memory than the largest node has, each with its figure', () => {
    const decision = decide(resources({ cpu: '128.001', memoryMiB: 1_048_577 }))
    assert(!decision.ok)
    expect(decision.errors.map(({ code }) => code)).toEqual(['EXCEEDS_LARGEST_NODE', 'EXCEEDS_LARGEST_NODE'])
    expect(decision.errors.map(({ fix }) => fix)).toEqual([
      'Ask for at most 128 cores per pod.',
      'Ask for at most 1048576 MiB per pod.',
    ])
  })

  test('quantities that exist, but on different nodes', () => {
    expect(refusals(resources({ cpu: '100' }))).toEqual(['FITS_NO_NODE resources'])
  })

  test('a gang larger than the cluster, with the largest that could run', () => {
    const decision = decide({ replicas: 5 })
    assert(!decision.ok)
    expect(decision.errors[0]?.code).toBe('GANG_EXCEEDS_CLUSTERS')
    expect(decision.errors[0]?.message).toContain('the largest gang that could run is 4')
  })

  test('a gang beyond every limit is told both the limit and the largest that could run', () => {
    expect(refusals({ replicas: 1_000_000 })).toEqual([
      'REPLICAS_OUT_OF_RANGE replicas',
      'GANG_EXCEEDS_CLUSTERS replicas',
    ])
  })

  test('a gang that exactly fills the cluster passes', () => {
    expect(refusals({ replicas: 4 })).toEqual([])
  })

  test('a gang is held by one cluster, not by two together', () => {
    const clusters = [cluster(), cluster({ id: idOf('cluster', 2), name: 'other' })]
    expect(refusals({ replicas: 5 }, { clusters })).toEqual(['GANG_EXCEEDS_CLUSTERS replicas'])
    // An elastic one needs room for its fewest only.
    expect(refusals({ replicas: 5, minCount: 2 }, { clusters })).toEqual([])
  })

  test('shares of one device do not add up across devices', () => {
    // Two pods of 0.6 need two devices: 16 devices hold 16 such pods, not 26.
    const small = resources({ cpu: '0.1', memoryMiB: 1, gpu: gpu({ share: '0.6' }) })
    expect(refusals({ ...small, replicas: 16 })).toEqual([])
    expect(refusals({ ...small, replicas: 17 })).toEqual(['GANG_EXCEEDS_CLUSTERS replicas'])
  })

  test('memory of a device bounds its shares', () => {
    const half = resources({ cpu: '0.1', memoryMiB: 1, gpu: gpu({ share: '0.1', memoryMiB: 40_960 }) })
    expect(refusals({ ...half, replicas: 32 })).toEqual([])
    expect(refusals({ ...half, replicas: 33 })).toEqual(['GANG_EXCEEDS_CLUSTERS replicas'])
  })

  test('pods without GPUs may use GPU nodes too', () => {
    const cores = resources({ cpu: '64', memoryMiB: 1, gpu: null })
    const clusters = [cluster({ flavors: [flavor()] })]
    expect(refusals({ ...cores, replicas: 2 }, { clusters })).toEqual([])
    expect(refusals({ ...cores, replicas: 3 }, { clusters })).toEqual(['GANG_EXCEEDS_CLUSTERS replicas'])
  })

  test('a gang is held by one flavor, not by two together', () => {
    const pools = (...flavors: string[]) => [cluster({ flavors: flavors.map((name) => flavor({ flavor: name })) })]
    expect(refusals({ replicas: 5 }, { clusters: pools('a100', 'h100') })).toEqual(['GANG_EXCEEDS_CLUSTERS replicas'])
    expect(refusals({ replicas: 5 }, { clusters: pools('a100', 'a100') })).toEqual([])
  })
})

describe('where it goes', () => {
  test('to the cluster with the most room for such pods', () => {
    const roomy = cluster({ id: idOf('cluster', 2), flavors: [flavor({ nodes: 3 })] })
    expect(decide({}, { clusters: [cluster(), roomy] })).toEqual({ ok: true, clusterId: roomy.id })
  })

  test('of equals to the first by id, whatever their order', () => {
    const clusters = [cluster({ id: idOf('cluster', 2) }), cluster({ id: idOf('cluster', 1) })]
    expect(decide({}, { clusters })).toEqual({ ok: true, clusterId: idOf('cluster', 1) })
  })

  test('to the one that has the model', () => {
    const t4 = cluster({ id: idOf('cluster', 2), flavors: [flavor({ flavor: 't4', gpuModel: 'T4', nodes: 1 })] })
    expect(decide({ ...gpus({ count: 1, models: ['T4'] }) }, { clusters: [cluster(), t4] })).toEqual({
      ok: true,
      clusterId: t4.id,
    })
  })
})

describe('its queue', () => {
  test('a closed queue takes nothing', () => {
    expect(refusals({}, { queue: queue({ closed: true }) })).toEqual(['QUEUE_CLOSED queue'])
  })

  test('more GPUs than the queue can ever hold', () => {
    const decision = decide({}, { queue: queue({ maxGpus: '7.5' }) })
    assert(!decision.ok)
    expect(decision.errors[0]).toMatchObject({
      code: 'EXCEEDS_QUEUE_LIMIT',
      message: 'The job needs 8 GPUs; queue default can never hold more than 7.5.',
    })
  })

  test('as many as it can hold pass', () => {
    expect(refusals({}, { queue: queue({ maxGpus: '8' }) })).toEqual([])
  })

  test('shares count as what they are', () => {
    const shares = { ...gpus({ share: '0.333' }), replicas: 3 }
    expect(refusals(shares, { queue: queue({ maxGpus: '0.999' }) })).toEqual([])
    expect(refusals(shares, { queue: queue({ maxGpus: '0.998' }) })).toEqual(['EXCEEDS_QUEUE_LIMIT queue'])
  })
})

test('every refusal says what to do and stays short whatever was sent', () => {
  const decision = decide({ name: 'X'.repeat(100_000), image: ' '.repeat(100_000), replicas: 0 })
  assert(!decision.ok)
  for (const { message, fix } of decision.errors) {
    expect(message.length).toBeLessThan(400)
    expect(fix).toBeTruthy()
  }
})
