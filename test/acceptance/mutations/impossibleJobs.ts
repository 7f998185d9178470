import { createIds } from '../../../platform/ids.ts'
import type { JobInput } from '../../testkit/cloudTenant.ts'

const gpu = (request: Record<string, unknown>): Partial<JobInput> => ({ resources: { gpu: request } })

/** What is refused, with the code and the field to blame; the name ends “A submission that cannot be …”. */
export const impossibleJobs: Record<string, { input: Partial<JobInput>; code: string; field: string[] }> = {
  'for no GPU at all': {
    input: gpu({ count: 0 }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu', 'count'],
  },
  'for less than none': {
    input: gpu({ count: -1 }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu', 'count'],
  },
  'for more GPUs than a node has': {
    input: gpu({ count: 2_147_483_647 }),
    code: 'EXCEEDS_LARGEST_NODE',
    field: ['resources', 'gpu', 'count'],
  },
  'for whole devices and a share': {
    input: gpu({ count: 1, share: '0.5' }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu'],
  },
  'for neither': { input: gpu({}), code: 'GPU_REQUEST_INVALID', field: ['resources', 'gpu'] },
  'for a share of nothing': {
    input: gpu({ share: '0' }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu', 'share'],
  },
  'for more than one as a share': {
    input: gpu({ share: '1.001' }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu', 'share'],
  },
  'for a share finer than thousandths': {
    input: gpu({ share: '0.0005' }),
    code: 'GPU_REQUEST_INVALID',
    field: ['resources', 'gpu', 'share'],
  },
  'for a model that nobody has': {
    input: gpu({ count: 1, models: ['Z9'] }),
    code: 'GPU_MODEL_UNKNOWN',
    field: ['resources', 'gpu', 'models'],
  },
  'for more GPU memory than a device has': {
    input: gpu({ share: '0.5', memoryMiB: 1_000_000 }),
    code: 'EXCEEDS_LARGEST_NODE',
    field: ['resources', 'gpu', 'memoryMiB'],
  },
  'of no pods': { input: { replicas: 0 }, code: 'REPLICAS_OUT_OF_RANGE', field: ['replicas'] },
  'of less than none': { input: { replicas: -5 }, code: 'REPLICAS_OUT_OF_RANGE', field: ['replicas'] },
  'that starts with more than all of them': {
    input: { replicas: 2, minCount: 3 },
    code: 'MIN_COUNT_OUT_OF_RANGE',
    field: ['minCount'],
  },
  'for no memory': {
    input: { resources: { memoryMiB: 0 } },
    code: 'QUANTITY_INVALID',
    field: ['resources', 'memoryMiB'],
  },
  'for fewer cores than none': {
    input: { resources: { cpu: '-1' } },
    code: 'QUANTITY_INVALID',
    field: ['resources', 'cpu'],
  },
  'for more cores than a node has': {
    input: { resources: { cpu: '1000' } },
    code: 'EXCEEDS_LARGEST_NODE',
    field: ['resources', 'cpu'],
  },
  'for no time': { input: { maxRuntimeSeconds: 0 }, code: 'MAX_RUNTIME_OUT_OF_RANGE', field: ['maxRuntimeSeconds'] },
  'under a name in capitals': { input: { name: 'Train' }, code: 'NAME_INVALID', field: ['name'] },
  'under a name with a dot': { input: { name: 'a.b' }, code: 'NAME_INVALID', field: ['name'] },
  'under a name that is too long': { input: { name: 'x'.repeat(64) }, code: 'NAME_INVALID', field: ['name'] },
  'under no name': { input: { name: '' }, code: 'NAME_INVALID', field: ['name'] },
  'to a queue that is not there': { input: { queue: 'nowhere' }, code: 'NOT_FOUND', field: ['queue'] },
  'to a project that is not there': {
    input: { projectId: createIds().next('project') },
    code: 'NOT_FOUND',
    field: ['projectId'],
  },
  'with a label that is Kubernetes’ own': {
    input: { labels: [{ name: 'sluice.dev/tenant', value: 'other' }] },
    code: 'LABEL_RESERVED',
    field: ['labels', '0', 'name'],
  },
}

/** What is no number at all, or none that fits: the field or the request is to blame, whichever reads it first. */
export const unreadableJobs: Record<string, Partial<JobInput>> = {
  'a number beyond 32 bits': gpu({ count: 2_147_483_648 }),
  'a share that is no number': gpu({ share: 'NaN' }),
  'a share that is endless': gpu({ share: '1e999' }),
  'cores that are no number': { resources: { cpu: 'many' } },
}
