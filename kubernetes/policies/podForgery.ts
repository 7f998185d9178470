import { annotations, labels, METERED_FINALIZER } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE } from './exemptIdentities.ts'

/** What a Binding writes on a pod: capacity and charges are counted by it. */
export const WRITTEN_BY_BINDING: readonly string[] = [
  annotations.slot,
  annotations.devices,
  annotations.admittedAt,
  annotations.epoch,
  annotations.groupTurn,
  labels.queue,
]

/** What the scheduler writes on a pod that bears the decisions on its group; and what a Binding does. */
export const WRITTEN_ON_PODS: readonly string[] = [...WRITTEN_BY_BINDING, annotations.groupRecord, annotations.pending]

/** What a pod says of its group, and the group of all its pods: places are given for what it was. */
export const SAID_OF_GROUP = {
  labels: [labels.group, labels.queue],
  annotations: [annotations.groupSize, annotations.class, annotations.preemptible],
} as const satisfies Record<string, readonly string[]>

const told = (object: string) => `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {})`
const labelsOf = (object: string) => `(has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`
const listOf = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(', ')}]`
const finalizers = (object: string) => `(has(${object}.metadata.finalizers) ? ${object}.metadata.finalizers : [])`
/** The Job that a pod says has made it. */
const owners = (object: string) =>
  `(has(${object}.metadata.ownerReferences) ? ${object}.metadata.ownerReferences
  .filter(owner, has(owner.controller) && owner.controller && owner.kind == 'Job').map(owner, owner.uid) : [])`.replaceAll(
    /\s+/g,
    ' ',
  )

/**
 * Whoever may write pods in a tenant's namespace could otherwise place one past the scheduler, say that it
 * holds other GPUs than it does, put it in the place of another Job's, or have it vanish before it is metered.
 */
export const podsAreNotForged: Kinds['ValidatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'pods-are-not-forged.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          // A write of the status may change annotations and finalizers too.
          resources: ['pods', 'pods/status', 'pods/binding'],
        },
      ],
    },
    matchConditions: [{ name: 'not-sluice-itself', expression: `!${ACTS_FOR_SLUICE}` }],
    variables: [
      { name: 'told', expression: told('object') },
      { name: 'toldBefore', expression: `oldObject == null ? {} : ${told('oldObject')}` },
      { name: 'binds', expression: "has(request.subResource) && request.subResource == 'binding'" },
      {
        name: 'forged',
        expression: [
          `${listOf(WRITTEN_ON_PODS)}.filter(name,`,
          "(name in variables.told ? variables.told[name] : '')",
          "!= (name in variables.toldBefore ? variables.toldBefore[name] : ''))",
        ].join(' '),
      },
      { name: 'labels', expression: labelsOf('object') },
      { name: 'labelsBefore', expression: `oldObject == null ? {} : ${labelsOf('oldObject')}` },
      {
        name: 'saidAnew',
        expression: [
          `${listOf(SAID_OF_GROUP.labels)}.filter(name, (name in variables.labels ? variables.labels[name] : '')`,
          "!= (name in variables.labelsBefore ? variables.labelsBefore[name] : '')) +",
          `${listOf(SAID_OF_GROUP.annotations)}.filter(name, (name in variables.told ? variables.told[name] : '')`,
          "!= (name in variables.toldBefore ? variables.toldBefore[name] : ''))",
        ].join(' '),
      },
      {
        // What Kubernetes asks of whoever makes objects in a Job's name; its Job controller has it.
        name: 'makesPodsOfJobs',
        expression:
          "authorizer.group('batch').resource('jobs').subresource('finalizers').namespace(request.namespace).check('update').allowed()",
      },
    ],
    validations: [
      {
        expression: '!variables.binds',
        message: 'Pods of this namespace are bound by Sluice alone. Create a Job, and wait for its admission.',
        reason: 'Forbidden',
      },
      {
        expression: "variables.binds || oldObject != null || !has(object.spec.nodeName) || object.spec.nodeName == ''",
        message: 'spec.nodeName is the scheduler’s. Leave it out, and say with nodeSelector where the pod may run.',
        reason: 'Forbidden',
      },
      {
        expression: 'size(variables.forged) == 0',
        messageExpression:
          "'Annotation ' + variables.forged[0] + ' is written by Sluice alone. Leave it as it is, and leave it out of a new pod.'",
        message: 'What Sluice writes on a pod is left as it is, and left out of a new one.',
        reason: 'Forbidden',
      },
      {
        expression: 'variables.binds || oldObject == null || size(variables.saidAnew) == 0',
        messageExpression:
          "variables.saidAnew[0] + ' of a pod stays as it was created: its place is given for that. Delete the pod and create another.'",
        message: 'What a pod says of its group stays as it was created. Delete the pod and create another.',
        reason: 'Forbidden',
      },
      {
        expression: `variables.binds || oldObject == null || !('${METERED_FINALIZER}' in ${finalizers('oldObject')}) || '${METERED_FINALIZER}' in ${finalizers('object')}`,
        message: `Finalizer ${METERED_FINALIZER} stays until what the pod held is metered. Delete the pod, and wait.`,
        reason: 'Forbidden',
      },
      {
        expression: `variables.binds || variables.makesPodsOfJobs || ${owners('object')}.all(uid, oldObject != null && uid in ${owners('oldObject')})`,
        message: 'A Job’s pods are made by the Job controller. Create a Job, or a pod without an owner.',
        reason: 'Forbidden',
      },
    ],
    failurePolicy: 'Fail',
  },
}
