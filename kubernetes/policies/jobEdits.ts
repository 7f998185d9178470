import { annotations, GROUP, labels, PRIORITY_OF_CLASS } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { ACTS_FOR_SLUICE } from './exemptIdentities.ts'

type Policy = Kinds['ValidatingAdmissionPolicy']
type Validation = NonNullable<NonNullable<Policy['spec']>['validations']>[number]

/** What a tenant may say on a Job and on its pod template; everything else below `sluice.dev/` is Sluice's. */
const OWN = {
  labels: [labels.queue],
  annotations: [annotations.class, annotations.preemptible, annotations.minCount],
  // Those of a group are for Jobs of other controllers; on a Job of ours they say nothing.
  templateLabels: [labels.group, labels.queue],
  templateAnnotations: [
    annotations.groupSize,
    annotations.class,
    annotations.preemptible,
    annotations.gpuShare,
    annotations.gpuMemoryMib,
    annotations.gpuModels,
    annotations.topologyRequired,
    annotations.topologyPreferred,
  ],
} as const satisfies Record<string, readonly string[]>
type Map = keyof typeof OWN

/**
 * What would let a tenant run other than the scheduler decided: a forged decision at any time, and after
 * admission what was decided on. Before admission a Job is its owner's to change, and is planned anew.
 */
export const jobEditsAreHonest: Policy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'job-edits-are-honest.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [
        { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['jobs'] },
      ],
    },
    matchConditions: [{ name: 'not-sluice-itself', expression: `!${ACTS_FOR_SLUICE}` }],
    variables: [
      ...mapVariables('labels', 'metadata', 'labels'),
      ...mapVariables('annotations', 'metadata', 'annotations'),
      ...mapVariables('templateLabels', 'spec.template.metadata', 'labels'),
      ...mapVariables('templateAnnotations', 'spec.template.metadata', 'annotations'),
      {
        name: 'isAdmitted',
        expression: 'oldObject != null && !(has(oldObject.spec.suspend) && oldObject.spec.suspend)',
      },
    ],
    validations: [
      isUntouched('labels', 'Label'),
      isUntouched('annotations', 'Annotation'),
      isUntouched('templateLabels', 'In the template, label'),
      isUntouched('templateAnnotations', 'In the template, annotation'),
      isOneOf(annotations.class, Object.keys(PRIORITY_OF_CLASS)),
      isOneOf(annotations.preemptible, ['true', 'false']),
      {
        expression: `oldObject == null || ${isSame('spec.suspend')}`,
        message:
          'spec.suspend is the scheduler’s: it admits the Job by it. To stop the Job, delete it; a Job that waits needs no pause.',
        reason: 'Forbidden',
      },
      {
        expression: `oldObject == null || ${isSame('spec.podReplacementPolicy')}`,
        message:
          'spec.podReplacementPolicy stays Failed: another one would run more pods than were admitted. Leave it.',
        reason: 'Forbidden',
      },
      {
        expression: `!('${labels.job}' in variables.labelsBefore) || object.spec == oldObject.spec && ${isSameEntry('labels', labels.queue)}`,
        message:
          'This Job was submitted through Sluice’s API, which keeps it as it was submitted. Cancel it there, or delete it, and submit another.',
        reason: 'Forbidden',
      },
      staysAdmitted('spec.parallelism', isSame('spec.parallelism')),
      staysAdmitted('spec.completions', isSame('spec.completions')),
      {
        expression: [
          '!variables.isAdmitted ||',
          '(has(object.spec.activeDeadlineSeconds) ? !has(oldObject.spec.activeDeadlineSeconds) ||',
          'object.spec.activeDeadlineSeconds <= oldObject.spec.activeDeadlineSeconds',
          ': !has(oldObject.spec.activeDeadlineSeconds))',
        ].join(' '),
        message:
          'spec.activeDeadlineSeconds of an admitted Job can only become shorter: it was planned with what it declared. Delete the Job and create it with a longer one.',
        reason: 'Forbidden',
      },
      staysAdmitted(`Label ${labels.queue}`, isSameEntry('labels', labels.queue)),
      staysAdmitted(`Annotation ${annotations.class}`, isSameEntry('annotations', annotations.class)),
      staysAdmitted(`Annotation ${annotations.preemptible}`, isSameEntry('annotations', annotations.preemptible)),
      staysAdmitted(`Annotation ${annotations.minCount}`, isSameEntry('annotations', annotations.minCount)),
    ],
    failurePolicy: 'Fail',
  },
}

/** The map of the new object and of the old one, empty where there is none. */
function mapVariables(name: Map, parent: string, field: string): { name: string; expression: string }[] {
  const of = (object: string) => `has(${object}.${parent}) && has(${object}.${parent}.${field})`
  return [
    { name, expression: `${of('object')} ? object.${parent}.${field} : {}` },
    { name: oldOf(name), expression: `oldObject != null && ${of('oldObject')} ? oldObject.${parent}.${field} : {}` },
    {
      name: foreignIn(name),
      expression: [
        `variables.${name}.map(key, key).filter(key, ${isSluices(name)} &&`,
        `!(key in variables.${oldOf(name)} && variables.${oldOf(name)}[key] == variables.${name}[key]))`,
        `+ variables.${oldOf(name)}.map(key, key).filter(key, ${isSluices(name)} && !(key in variables.${name}))`,
      ].join(' '),
    },
  ]
}

/** Who made a Job is written by the policy that runs before this one, and by nobody later. */
function isSluices(map: Map): string {
  const own = JSON.stringify(OWN[map]).replaceAll('"', "'")
  const isCreator = map === 'annotations' ? ` && !(oldObject == null && key == '${annotations.createdBy}')` : ''
  return `key.startsWith('${GROUP}/') && !(key in ${own})${isCreator}`
}

function isUntouched(map: Map, what: string): Validation {
  const foreign = `variables.${foreignIn(map)}`
  return {
    expression: `size(${foreign}) == 0`,
    messageExpression: `'${what} ' + ${foreign}[0] + ' is written by Sluice alone. Leave it as it is, and leave it out of a new Job.'`,
    message: `${what}s below ${GROUP}/ are written by Sluice. Leave them as they are.`,
    reason: 'Forbidden',
  }
}

function isOneOf(annotation: string, words: readonly string[]): Validation {
  const list = JSON.stringify(words).replaceAll('"', "'")
  return {
    expression: `!('${annotation}' in variables.annotations) || variables.annotations['${annotation}'] in ${list}`,
    message: `Annotation ${annotation} is none of ${words.join(', ')}. Write one of these, or leave it out.`,
    reason: 'Invalid',
  }
}

function staysAdmitted(what: string, isSameExpression: string): Validation {
  return {
    expression: `!variables.isAdmitted || ${isSameExpression}`,
    message: `${what} cannot change once the Job is admitted: its GPUs were given for what it was. Delete the Job and create it anew.`,
    reason: 'Forbidden',
  }
}

function isSame(path: string): string {
  return `(has(object.${path}) ? has(oldObject.${path}) && object.${path} == oldObject.${path} : !has(oldObject.${path}))`
}

function isSameEntry(map: Map, key: string): string {
  const of = (name: string) => `('${key}' in variables.${name} ? variables.${name}['${key}'] : '')`
  return `${of(map)} == ${of(oldOf(map))}`
}

function oldOf(map: Map): string {
  return `${map}Before`
}

function foreignIn(map: Map): string {
  return `${map}OfSluice`
}
