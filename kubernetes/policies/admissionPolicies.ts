import { labels, METERED_FINALIZER, SCHEDULER_NAME } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { cronJobsKeepTheirAuthor } from './cronJobAuthors.ts'
import { fenceParameter, writesCarryTheEpoch } from './epochFence.ts'
import { jobEditsAreHonest } from './jobEdits.ts'
import { jobsEnterSuspended } from './jobEntry.ts'
import { agentOnlyDeletesPodsOfGroups } from './podDeletions.ts'
import { podsAreNotForged } from './podForgery.ts'
import { agentOnlyTriesPods } from './podTrials.ts'

type Policy = Kinds['MutatingAdmissionPolicy']
type ValidatingPolicy = Kinds['ValidatingAdmissionPolicy']

/** Only Sluice places a tenant's pods, and a finished one stays until its time has been metered. */
const podsAreScheduledAndMetered: Policy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'pods-scheduled-and-metered.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: [
            `Object{metadata: Object.metadata{finalizers: ['${METERED_FINALIZER}']},`,
            `spec: Object.spec{schedulerName: '${SCHEDULER_NAME}'}}`,
          ].join(' '),
        },
      },
    ],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
  },
}

/** In this order, so that whoever sees Jobs come in suspended knows that the others act too. */
export const mutatingPolicies: Policy[] = [podsAreScheduledAndMetered, cronJobsKeepTheirAuthor, jobsEnterSuspended]

export const validatingPolicies: ValidatingPolicy[] = [
  jobEditsAreHonest,
  podsAreNotForged,
  agentOnlyTriesPods,
  agentOnlyDeletesPodsOfGroups,
  writesCarryTheEpoch,
]

/** The agent's rights over pods are for the whole cluster, and so is what it may not do with them. */
const OF_WHOLE_CLUSTER: readonly ValidatingPolicy[] = [agentOnlyTriesPods, agentOnlyDeletesPodsOfGroups]

/** All others act in tenants' namespaces only: system Jobs and pods never wait for Sluice. */
const tenantsNamespaces = {
  namespaceSelector: { matchExpressions: [{ key: labels.tenant, operator: 'Exists' }] },
}

export const mutatingPolicyBindings: Kinds['MutatingAdmissionPolicyBinding'][] = mutatingPolicies.map((policy) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicyBinding',
  metadata: { ...policy.metadata },
  spec: { policyName: policy.metadata.name as string, matchResources: tenantsNamespaces },
}))

export const validatingPolicyBindings: Kinds['ValidatingAdmissionPolicyBinding'][] = validatingPolicies.map(
  (policy) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { ...policy.metadata },
    spec: {
      policyName: policy.metadata.name as string,
      validationActions: ['Deny'],
      ...(policy === writesCarryTheEpoch && fenceParameter),
      ...(!OF_WHOLE_CLUSTER.includes(policy) && { matchResources: tenantsNamespaces }),
    },
  }),
)
