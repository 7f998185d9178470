import { annotations, DEFAULT_CLASS, DEFAULT_QUEUE, GPU_TAINT, labels } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE, CRONJOB_CONTROLLER } from './exemptIdentities.ts'
import { PRIORITY_CLASS_PREFIX } from './priorityClasses.ts'

/**
 * What a Job gets that does not say it itself: queue, class, priority, the toleration of Sluice's GPU nodes,
 * and who made it, which nobody can say for himself.
 */
export const jobsHaveDefaults: Kinds['MutatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'jobs-have-defaults.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }],
    },
    variables: [
      { name: 'labels', expression: 'has(object.metadata.labels) ? object.metadata.labels : {}' },
      { name: 'told', expression: 'has(object.metadata.annotations) ? object.metadata.annotations : {}' },
      {
        name: 'queue',
        expression: valueOr('labels', labels.queue, DEFAULT_QUEUE),
      },
      {
        name: 'jobClass',
        expression: valueOr('told', annotations.class, DEFAULT_CLASS),
      },
      {
        name: 'mayNameCreator',
        expression: `${ACTS_FOR_SLUICE} || request.userInfo.username == '${CRONJOB_CONTROLLER}'`,
      },
      {
        name: 'createdBy',
        expression: [
          `variables.mayNameCreator && '${annotations.createdBy}' in variables.told`,
          `? variables.told['${annotations.createdBy}'] : request.userInfo.username`,
        ].join(' '),
      },
      {
        name: 'toleratesGpuTaint',
        expression: [
          'has(object.spec.template.spec.tolerations) && object.spec.template.spec.tolerations.exists(each,',
          `has(each.key) && each.key == '${GPU_TAINT.key}')`,
        ].join(' '),
      },
    ],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: [
            'Object{metadata: Object.metadata{',
            `labels: {'${labels.queue}': variables.queue},`,
            `annotations: {'${annotations.class}': variables.jobClass, '${annotations.createdBy}': variables.createdBy}}}`,
          ].join(' '),
        },
      },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression: [
            'has(object.spec.template.spec.priorityClassName) ? [] : [JSONPatch{',
            "op: 'add', path: '/spec/template/spec/priorityClassName',",
            `value: '${PRIORITY_CLASS_PREFIX}' + variables.jobClass.lowerAscii()}]`,
          ].join(' '),
        },
      },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          // As a list of its own where there is none, since a patch cannot add to a list that is not there.
          expression: [
            'variables.toleratesGpuTaint ? [] :',
            "has(object.spec.template.spec.tolerations) ? [JSONPatch{op: 'add', path: '/spec/template/spec/tolerations/-',",
            `value: ${toleration()}}] :`,
            `[JSONPatch{op: 'add', path: '/spec/template/spec/tolerations', value: [${toleration()}]}]`,
          ].join(' '),
        },
      },
    ],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
  },
}

/**
 * A CronJob keeps who changed it last, and so do the Jobs that the controller makes from it. Without that
 * they would all be the controller's.
 */
export const cronJobsKeepTheirAuthor: Kinds['MutatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'cronjobs-keep-their-author.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [
        { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['cronjobs'] },
      ],
    },
    // Kubernetes' own controllers write to them as well, and change nothing in the spec.
    matchConditions: [
      { name: 'says-something-else', expression: 'oldObject == null || object.spec != oldObject.spec' },
    ],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: [
            'Object{spec: Object.spec{jobTemplate: Object.spec.jobTemplate{metadata:',
            'Object.spec.jobTemplate.metadata{annotations:',
            `{'${annotations.createdBy}': request.userInfo.username}}}}}`,
          ].join(' '),
        },
      },
    ],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
  },
}

function valueOr(map: string, key: string, otherwise: string): string {
  return `'${key}' in variables.${map} ? variables.${map}['${key}'] : '${otherwise}'`
}

/** A map, not an Object: of a list of those, API servers up to 1.36 at least break down. */
function toleration(): string {
  return `{'key': '${GPU_TAINT.key}', 'operator': 'Exists', 'effect': '${GPU_TAINT.effect}'}`
}
