import { annotations, labels, METERED_FINALIZER } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE } from './exemptIdentities.ts'

/** What a Binding writes on a pod: capacity and charges are counted by it. */
export const WRITTEN_BY_BINDING: readonly string[] = [
  annotations.slot,
  annotations.devices,
  annotations.admittedAt,
  annotations.epoch,
  labels.queue,
]

const told = (object: string) => `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {})`
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
          `[${WRITTEN_BY_BINDING.map((name) => `'${name}'`).join(', ')}].filter(name,`,
          "(name in variables.told ? variables.told[name] : '')",
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
