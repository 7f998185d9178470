import { annotations } from '../names.ts'
import type { Kinds } from '../objects.ts'

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
