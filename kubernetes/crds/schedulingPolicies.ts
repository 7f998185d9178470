import { GROUP, SCHEDULING_POLICY, SHARE_ENFORCEMENTS } from '../names.ts'
import type { Kinds, SchedulingPolicy } from '../objects.ts'
import { conditions, type Schema } from './schema.ts'

const HOUR_SECONDS = 3_600
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS

/** As it is installed where there is none; whoever runs the cluster may change it. */
export const defaultSchedulingPolicy: SchedulingPolicy = {
  apiVersion: 'sluice.dev/v1alpha1',
  kind: 'SchedulingPolicy',
  metadata: { name: SCHEDULING_POLICY },
  spec: {
    gangStart: { baseSeconds: 60, podsPerSecond: 15 },
    requeue: { firstBackoffSeconds: 10, lastBackoffSeconds: 600, avoidNodeSeconds: 60 },
    order: { agingSeconds: WEEK_SECONDS },
  },
}

const { gangStart, requeue } = defaultSchedulingPolicy.spec

const spec: Schema = {
  type: 'object',
  properties: {
    gangStart: {
      type: 'object',
      default: gangStart,
      description: 'How long all pods of an admitted gang may take to be created: baseSeconds + pods / podsPerSecond.',
      properties: {
        baseSeconds: { type: 'integer', minimum: 1, maximum: HOUR_SECONDS, default: gangStart.baseSeconds },
        podsPerSecond: { type: 'integer', minimum: 1, maximum: 10_000, default: gangStart.podsPerSecond },
      },
    },
    requeue: {
      type: 'object',
      default: requeue,
      description: 'After a gang had to be suspended again.',
      properties: {
        firstBackoffSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: HOUR_SECONDS,
          default: requeue.firstBackoffSeconds,
          description: 'It waits so long before it is tried again, and twice as long each time after.',
        },
        lastBackoffSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 24 * HOUR_SECONDS,
          default: requeue.lastBackoffSeconds,
          description: 'But never longer than this.',
        },
        avoidNodeSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 24 * HOUR_SECONDS,
          default: requeue.avoidNodeSeconds,
          description: 'A node that turned a pod away gets no new ones for so long.',
        },
      },
      'x-kubernetes-validations': [
        {
          rule: 'self.firstBackoffSeconds <= self.lastBackoffSeconds',
          message: 'lastBackoffSeconds is at least firstBackoffSeconds',
        },
      ],
    },
    order: {
      type: 'object',
      default: { agingSeconds: WEEK_SECONDS },
      description: 'Whose turn it is.',
      properties: {
        agingSeconds: {
          type: 'integer',
          minimum: 60,
          maximum: 365 * 24 * HOUR_SECONDS,
          default: WEEK_SECONDS,
          description: 'A job that has waited so long goes before all priorities.',
        },
      },
    },
    stops: {
      type: 'array',
      maxItems: 1024,
      description: 'Nodes that get no new pods. Where neither node nor pool is named: all nodes.',
      items: {
        type: 'object',
        required: ['stopPolicy'],
        properties: {
          node: { type: 'string', minLength: 1, maxLength: 253, description: 'Name of one node.' },
          pool: { type: 'string', minLength: 1, maxLength: 253, description: 'Node pool.' },
          stopPolicy: {
            type: 'string',
            enum: ['Hold', 'HoldAndDrain'],
            description: 'Hold: what runs there goes on. HoldAndDrain: it is stopped and waits in its old place.',
          },
        },
      },
    },
    highestClasses: {
      type: 'array',
      maxItems: 1024,
      description: 'Highest class that jobs of a tenant may have. Absent: any.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['tenantId'],
      items: {
        type: 'object',
        required: ['class'],
        properties: {
          tenantId: { type: 'string', maxLength: 253, default: '', description: "'': all tenants without a row." },
          class: { type: 'string', enum: ['INFERENCE', 'INTERACTIVE', 'TRAINING', 'BATCH'] },
        },
      },
    },
    shares: {
      type: 'object',
      description: 'Shares of a device.',
      properties: {
        requireEnforcement: {
          type: 'array',
          maxItems: SHARE_ENFORCEMENTS.length,
          description: 'Shares go only where one of these keeps them to their size. Absent or empty: anywhere.',
          items: { type: 'string', enum: [...SHARE_ENFORCEMENTS] },
        },
      },
    },
    topology: {
      type: 'object',
      required: ['levels'],
      description: 'How near nodes are to one another, as their labels tell.',
      properties: {
        levels: {
          type: 'array',
          maxItems: 8,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          description:
            'Outermost first. Nodes alike in the label of a level and of all before it are one domain of it.',
          items: {
            type: 'object',
            required: ['name', 'nodeLabel'],
            properties: {
              name: {
                type: 'string',
                maxLength: 63,
                pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
                description: 'What jobs ask for, such as zone, block, rack or nvlink.',
              },
              nodeLabel: {
                type: 'string',
                minLength: 1,
                maxLength: 316,
                description: 'Such as topology.kubernetes.io/zone.',
              },
            },
          },
          'x-kubernetes-validations': [
            {
              rule: 'self.all(one, self.exists_one(other, other.nodeLabel == one.nodeLabel))',
              message: 'each level has a label of its own',
            },
          ],
        },
      },
    },
  },
}

const policy: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec,
    status: {
      type: 'object',
      properties: { observedGeneration: { type: 'integer', format: 'int64' }, conditions },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: `self.metadata.name == '${SCHEDULING_POLICY}'`,
      message: `a cluster has one scheduling policy, and its name is ${SCHEDULING_POLICY}`,
    },
  ],
}

/** `schedulingpolicies.sluice.dev`: what of the scheduler can be set, and whether it has been taken over. */
export const schedulingPolicyCrd: Kinds['CustomResourceDefinition'] = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `schedulingpolicies.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Cluster',
    names: {
      kind: 'SchedulingPolicy',
      listKind: 'SchedulingPolicyList',
      plural: 'schedulingpolicies',
      singular: 'schedulingpolicy',
    },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: policy as object },
        additionalPrinterColumns: [
          { name: 'Active', type: 'string', jsonPath: '.status.conditions[?(@.type=="Active")].status' },
          { name: 'Gang start', type: 'integer', jsonPath: '.spec.gangStart.baseSeconds', description: 'Seconds' },
          { name: 'First backoff', type: 'integer', jsonPath: '.spec.requeue.firstBackoffSeconds' },
          { name: 'Last backoff', type: 'integer', jsonPath: '.spec.requeue.lastBackoffSeconds' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
}
