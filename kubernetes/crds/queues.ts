import { GROUP } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { conditions, type Schema } from './schema.ts'

const name: Schema = { type: 'string', minLength: 1, maxLength: 253 }
const decimal: Schema = { type: 'string', maxLength: 32, pattern: '^[0-9]+(\\.[0-9]+)?$' }
const count: Schema = { type: 'integer', minimum: 0 }

const spec: Schema = {
  type: 'object',
  required: ['quotas'],
  properties: {
    parent: { ...name, description: 'Name of the parent Queue; absent at a root.' },
    tenantId: { ...name, description: 'Tenant whose jobs may use it; absent: shared.' },
    quotas: {
      type: 'array',
      maxItems: 256,
      description: 'Empty: bounded by the ancestors alone.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['flavor', 'resource'],
      items: {
        type: 'object',
        required: ['flavor', 'resource', 'nominalQuota'],
        'x-kubernetes-validations': [
          {
            rule: '!has(self.lendingLimit) || double(self.lendingLimit) <= double(self.nominalQuota)',
            message: 'lendingLimit is a part of nominalQuota and cannot be more',
          },
        ],
        properties: {
          flavor: { ...name, description: "Node pool; '*' is any." },
          resource: { type: 'string', enum: ['GPU', 'CPU', 'MEMORY'] },
          nominalQuota: { ...decimal, description: 'GPUs, cores or MiB.' },
          borrowingLimit: { ...decimal, description: 'At most so much above nominalQuota; absent: no limit.' },
          lendingLimit: { ...decimal, description: 'At most so much of nominalQuota to others; absent: all of it.' },
        },
      },
    },
    weight: { ...decimal, description: 'Share among siblings; absent: 1.' },
    queueingStrategy: {
      type: 'string',
      enum: ['BestEffortFIFO', 'StrictFIFO'],
      description:
        'StrictFIFO: nobody goes before the first job, also where that finds no room. Absent: BestEffortFIFO.',
    },
    stopPolicy: {
      type: 'string',
      enum: ['None', 'Hold', 'HoldAndDrain'],
      description: 'Hold: nothing is admitted, here and below. HoldAndDrain: and what runs is stopped. Absent: None.',
    },
    minRuntimeSeconds: {
      type: 'integer',
      format: 'int64',
      minimum: 0,
      maximum: 31536000,
      description: 'How long its jobs run before they may be stopped for others. Absent: 0.',
    },
  },
}

const status: Schema = {
  type: 'object',
  required: ['pending', 'admitted', 'usedGpus', 'pendingGpus'],
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    pending: { ...count, description: 'Jobs that wait.' },
    admitted: { ...count, description: 'Jobs that hold an assignment.' },
    usedGpus: { ...decimal, description: 'GPUs that admitted jobs hold.' },
    pendingGpus: { ...decimal, description: 'GPUs that waiting jobs ask for.' },
    nominalGpus: { ...decimal, description: 'Sum of its GPU quotas; absent where it has none.' },
    borrowedGpus: { ...decimal, description: 'GPUs that it and the queues below hold beyond its GPU quotas.' },
    conditions,
  },
}

const queue: Schema = {
  type: 'object',
  required: ['spec'],
  properties: { spec, status },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.spec.parent) || self.spec.parent != self.metadata.name',
      message: 'a queue cannot be its own parent',
    },
  ],
}

/** `queues.sluice.dev`: QueueSpec and QueueStatus of objects.ts as the API server checks them. */
export const queueCrd: Kinds['CustomResourceDefinition'] = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `queues.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Cluster',
    names: { kind: 'Queue', listKind: 'QueueList', plural: 'queues', singular: 'queue' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: queue as object },
        additionalPrinterColumns: [
          { name: 'Parent', type: 'string', jsonPath: '.spec.parent' },
          { name: 'Active', type: 'string', jsonPath: '.status.conditions[?(@.type=="Active")].status' },
          { name: 'Pending', type: 'integer', jsonPath: '.status.pending' },
          { name: 'Admitted', type: 'integer', jsonPath: '.status.admitted' },
          { name: 'Used', type: 'string', jsonPath: '.status.usedGpus', description: 'GPUs' },
          { name: 'Nominal', type: 'string', jsonPath: '.status.nominalGpus', description: 'GPUs' },
          { name: 'Borrowed', type: 'string', jsonPath: '.status.borrowedGpus', description: 'GPUs' },
          { name: 'Asked', type: 'string', jsonPath: '.status.pendingGpus', description: 'GPUs', priority: 1 },
          { name: 'Tenant', type: 'string', jsonPath: '.spec.tenantId', priority: 1 },
          { name: 'Weight', type: 'string', jsonPath: '.spec.weight', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
}
