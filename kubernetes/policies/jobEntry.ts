import { jsonPointer } from '../cluster.ts'
import { annotations, DEFAULT_CLASS, DEFAULT_QUEUE, GPU_TAINT, labels } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE, CRONJOB_CONTROLLER } from './exemptIdentities.ts'
import { PRIORITY_CLASS_PREFIX } from './priorityClasses.ts'

const IGNORES_DISRUPTIONS = [
  'Object.spec.podFailurePolicy{rules: [',
  "Object.spec.podFailurePolicy.rules{action: 'Ignore', onPodConditions: [",
  "Object.spec.podFailurePolicy.rules.onPodConditions{type: 'DisruptionTarget', status: 'True'}]}]}",
].join('')

/**
 * Every Job enters suspended, whoever creates it: by kubectl, by CI or through the API. The scheduler unsuspends it
 * together with its assignment. It enters with what it does not say itself: queue, class, priority, the toleration of
 * Sluice's GPU nodes; and with who made it, which nobody can say for himself.
 *
 * All of that is one mutation of one policy: the API server takes an object apart and puts it together again for each,
 * and once more for those that others have followed, which costs it several times what storing the Job does (ADR 0024).
 */
export const jobsEnterSuspended: Kinds['MutatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'jobs-enter-suspended.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }],
    },
    variables: [
      { name: 'labels', expression: 'has(object.metadata.labels) ? object.metadata.labels : {}' },
      { name: 'told', expression: 'has(object.metadata.annotations) ? object.metadata.annotations : {}' },
      {
        name: 'templateLabels',
        expression: `${inTemplate('labels')} ? object.spec.template.metadata.labels : {}`,
      },
      {
        name: 'templateTold',
        expression: `${inTemplate('annotations')} ? object.spec.template.metadata.annotations : {}`,
      },
      // Of a Job that another controller made, what its pods say of their group is its own too.
      { name: 'jobClass', expression: orOfPods('told', 'templateTold', annotations.class, DEFAULT_CLASS) },
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
      {
        // JobSet and its like resume their children by themselves, so suspending those would only race.
        name: 'isStartedBySluice',
        expression: [
          '!has(object.metadata.ownerReferences) ||',
          'object.metadata.ownerReferences.all(owner, !has(owner.controller) || !owner.controller ||',
          "(owner.kind == 'CronJob' && owner.apiVersion.startsWith('batch/')))",
        ].join(' '),
      },
    ],
    mutations: [
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression: [
            inMap('labels', { [labels.queue]: orOfPods('labels', 'templateLabels', labels.queue, DEFAULT_QUEUE) }),
            inMap('annotations', {
              [annotations.class]: 'variables.jobClass',
              [annotations.createdBy]: 'variables.createdBy',
            }),
            where(
              '!has(object.spec.template.spec.priorityClassName)',
              add(
                '/spec/template/spec/priorityClassName',
                `'${PRIORITY_CLASS_PREFIX}' + variables.jobClass.lowerAscii()`,
              ),
            ),
            where('!variables.toleratesGpuTaint', addToleration()),
            // podReplacementPolicy: after suspend and resume an index would otherwise run twice at once.
            where(
              'variables.isStartedBySluice',
              add('/spec/suspend', 'true'),
              add('/spec/podReplacementPolicy', "'Failed'"),
            ),
            // A disrupted pod is not the job's failure. A failure policy of the tenant's own is left as it is;
            // Kubernetes allows one only where restartPolicy is Never.
            where(
              [
                'variables.isStartedBySluice && !has(object.spec.podFailurePolicy) &&',
                "object.spec.template.spec.restartPolicy == 'Never'",
              ].join(' '),
              add('/spec/podFailurePolicy', IGNORES_DISRUPTIONS),
            ),
          ].join(' + '),
        },
      },
    ],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
  },
}

/** An operation in CEL. @param value CEL */
function add(path: string, value: string): string {
  return `JSONPatch{op: 'add', path: '${path}', value: ${value}}`
}

/** Operations that are wanted only there. */
function where(condition: string, ...operations: string[]): string {
  return `(${condition} ? [${operations.join(', ')}] : [])`
}

/** Sets entries of a map of the Job, as a map of its own where there is none: a patch cannot add to what is not there. */
function inMap(map: 'labels' | 'annotations', entries: Record<string, string>): string {
  const each = Object.entries(entries)
  const added = each.map(([key, value]) => add(jsonPointer('metadata', map, key), value))
  const whole = `{${each.map(([key, value]) => `'${key}': ${value}`).join(', ')}}`
  return `(has(object.metadata.${map}) ? [${added.join(', ')}] : [${add(`/metadata/${map}`, whole)}])`
}

/** As a list of its own where there is none. */
function addToleration(): string {
  const path = '/spec/template/spec/tolerations'
  // A map, not an Object: of a list of those, API servers up to 1.36 at least break down.
  const toleration = `{'key': '${GPU_TAINT.key}', 'operator': 'Exists', 'effect': '${GPU_TAINT.effect}'}`
  const hasSome = 'has(object.spec.template.spec.tolerations)'
  return `${hasSome} ? ${add(`${path}/-`, toleration)} : ${add(path, `[${toleration}]`)}`
}

function orOfPods(map: string, podsMap: string, key: string, otherwise: string): string {
  const ofPods = `('${labels.group}' in variables.templateLabels && '${key}' in variables.${podsMap} ? variables.${podsMap}['${key}'] : '${otherwise}')`
  return `('${key}' in variables.${map} ? variables.${map}['${key}'] : ${ofPods})`
}

function inTemplate(map: 'labels' | 'annotations'): string {
  return `has(object.spec.template.metadata) && has(object.spec.template.metadata.${map})`
}
