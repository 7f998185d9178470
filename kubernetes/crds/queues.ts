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
    flavorFungibility: {
      type: 'object',
      description: 'When a job goes on to a flavor that stands later in quotas.',
      properties: {
        whenCanBorrow: {
          type: 'string',
          enum: ['MayStopSearch', 'TryNextFlavor'],
          description: 'TryNextFlavor: flavors in which nothing need be borrowed come first. Absent: MayStopSearch.',
        },
        whenCanPreempt: {
          type: 'string',
          enum: ['MayStopSearch', 'TryNextFlavor'],
          description: 'MayStopSearch: others are stopped before the next flavor is tried. Absent: TryNextFlavor.',
        },
      },
    },
    usageHalfLifeSeconds: {
      type: 'integer',
      format: 'int64',
      minimum: 60,
      maximum: 31536000,
      description: 'Of a root: how old usage is when half of it counts in shares. Absent: only what is held counts.',
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
    pastUsage: {
      type: 'object',
      required: ['at', 'flavors'],
      description: 'What its jobs had on average of late, where its tree has a half-life: as it was at the time.',
      properties: {
        at: { type: 'string', format: 'date-time' },
        flavors: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['flavor'],
          items: {
            type: 'object',
            required: ['flavor', 'gpus', 'cpu', 'memory'],
            properties: {
              flavor: { type: 'string', maxLength: 253, description: 'Node pool; empty where the node is gone.' },
              gpus: { ...decimal, description: 'GPUs.' },
              cpu: { ...decimal, description: 'Cores.' },
              memory: { ...decimal, description: 'MiB.' },
            },
          },
        },
      },
    },
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
