import { annotations, EPOCHS } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE } from './exemptIdentities.ts'

/** In the API server's refusals, so that a leader knows by which of them its term is over. */
export const FENCE_NAME = 'writes-carry-the-epoch.sluice.dev'

/** What the scheduler decides on a Job, or on a pod for its group; each write of one of them says in which epoch it was decided. */
export const DECISIONS: readonly string[] = [
  annotations.assignment,
  annotations.admittedAt,
  annotations.requeue,
  annotations.evicted,
  annotations.pending,
  annotations.nomination,
  annotations.groupRecord,
  annotations.epoch,
]

const told = (object: string) => `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {})`
const allocationIn = (claim: string) => deviceResults(claim, `${claim}.status.allocation.devices.results`)
const deviceResults = (claim: string, results: string) =>
  `(has(${claim}.status) && has(${claim}.status.allocation) && has(${claim}.status.allocation.devices) && has(${results}) ? ${results}.map(r, r.driver + '/' + r.pool + '/' + r.device) : [])`
const reservedIn = (claim: string) =>
  `(has(${claim}.status) && has(${claim}.status.reservedFor) ? ${claim}.status.reservedFor.map(r, r.uid) : [])`
const epochIn = (map: string) => `('${annotations.epoch}' in ${map} ? ${map}['${annotations.epoch}'] : '')`

/**
 * The fence between two schedulers of one cluster. Guards by resourceVersion do not stop one that was paused
 * and woke: it would give GPUs away a second time, in another Job, whose version nobody has changed. So each
 * decision bears the epoch it was made in, and only that of the newest term is let through. Administrators are
 * held to it too; to everybody else such writes are refused anyway (jobEdits.ts, podForgery.ts).
 */
export const writesCarryTheEpoch: Kinds['ValidatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: FENCE_NAME },
  spec: {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: {
      resourceRules: [
        { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['jobs'] },
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods/binding'] },
        { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] },
        {
          apiGroups: ['resource.k8s.io'],
          apiVersions: ['*'],
          operations: ['UPDATE'],
          resources: ['resourceclaims', 'resourceclaims/status'],
        },
      ],
    },
    // Not a part of the validation: where the parameter is missing, those are refused who match, and nobody else.
    matchConditions: [{ name: 'sluice-itself', expression: ACTS_FOR_SLUICE }],
    variables: [
      { name: 'told', expression: told('object') },
      { name: 'toldBefore', expression: `oldObject == null ? {} : ${told('oldObject')}` },
      {
        name: 'unsuspends',
        expression: [
          'oldObject != null && has(oldObject.spec) && has(oldObject.spec.suspend) && oldObject.spec.suspend',
          '&& !(has(object.spec.suspend) && object.spec.suspend)',
        ].join(' '),
      },
      {
        // A status is written without annotations: the epoch has to stand on the claim before.
        name: 'allocates',
        expression: [
          "request.resource.resource == 'resourceclaims' &&",
          `(${allocationIn('object')} != ${allocationIn('oldObject')} ||`,
          `${reservedIn('object')} != ${reservedIn('oldObject')})`,
        ].join(' '),
      },
      {
        name: 'decides',
        expression: [
          'oldObject == null || variables.unsuspends || variables.allocates ||',
          `[${DECISIONS.map((name) => `'${name}'`).join(', ')}].exists(name,`,
          "(name in variables.told ? variables.told[name] : '')",
          "!= (name in variables.toldBefore ? variables.toldBefore[name] : ''))",
        ].join(' '),
      },
    ],
    validations: [
      {
        expression: `!variables.decides || ${epochIn('variables.told')} == params.data.${EPOCHS.term}`,
        messageExpression: `'This was decided in epoch "' + ${epochIn('variables.told')} + '"; the scheduler of this cluster is in epoch "' + params.data.${EPOCHS.term} + '".'`,
        message: 'This was not decided in the present epoch of the scheduler.',
        reason: 'Forbidden',
      },
    ],
    failurePolicy: 'Fail',
  },
}

/** Before the first term nothing is let through, since nobody could have decided it. */
export const fenceParameter = {
  paramRef: { name: EPOCHS.name, namespace: EPOCHS.namespace, parameterNotFoundAction: 'Deny' },
}
