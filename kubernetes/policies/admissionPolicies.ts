import { labels, METERED_FINALIZER, SCHEDULER_NAME } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { fenceParameter, writesCarryTheEpoch } from './epochFence.ts'
import { cronJobsKeepTheirAuthor, jobsHaveDefaults } from './jobDefaults.ts'
import { jobEditsAreHonest } from './jobEdits.ts'
import { podsAreNotForged } from './podForgery.ts'
import { agentOnlyTriesPods } from './podTrials.ts'

type Policy = Kinds['MutatingAdmissionPolicy']
type ValidatingPolicy = Kinds['ValidatingAdmissionPolicy']

/**
 * Every Job enters suspended, whoever creates it: by kubectl, by CI or through the API. The scheduler
 * unsuspends it together with its assignment.
 */
const jobsEnterSuspended: Policy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'jobs-enter-suspended.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }],
    },
    matchConditions: [
      {
        name: 'no-controller-but-a-cronjob',
        // JobSet and its like resume their children by themselves, so suspending those would only race.
        expression: [
          '!has(object.metadata.ownerReferences) ||',
          'object.metadata.ownerReferences.all(owner, !has(owner.controller) || !owner.controller ||',
          "(owner.kind == 'CronJob' && owner.apiVersion.startsWith('batch/')))",
        ].join(' '),
      },
    ],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          // podReplacementPolicy: after suspend and resume an index would otherwise run twice at once.
          expression: "Object{spec: Object.spec{suspend: true, podReplacementPolicy: 'Failed'}}",
        },
      },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          // A disrupted pod is not the job's failure. A failure policy of the tenant's own is left as it is;
          // Kubernetes allows one only where restartPolicy is Never.
          expression: [
            "object.spec.template.spec.restartPolicy == 'Never' && !has(object.spec.podFailurePolicy)",
            "? [JSONPatch{op: 'add', path: '/spec/podFailurePolicy', value: Object.spec.podFailurePolicy{rules: [",
            "Object.spec.podFailurePolicy.rules{action: 'Ignore', onPodConditions: [",
            "Object.spec.podFailurePolicy.rules.onPodConditions{type: 'DisruptionTarget', status: 'True'}]}]}}]",
            ': []',
          ].join(' '),
        },
      },
    ],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
  },
}

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
export const mutatingPolicies: Policy[] = [
  podsAreScheduledAndMetered,
  cronJobsKeepTheirAuthor,
  jobsHaveDefaults,
  jobsEnterSuspended,
]

export const validatingPolicies: ValidatingPolicy[] = [
  jobEditsAreHonest,
  podsAreNotForged,
  agentOnlyTriesPods,
  writesCarryTheEpoch,
]

/** They act in tenants' namespaces only: system Jobs and pods never wait for Sluice. */
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
      // The agent's right to try pods is for the whole cluster, and so is what it may not do with it.
      ...(policy !== agentOnlyTriesPods && { matchResources: tenantsNamespaces }),
    },
  }),
)
