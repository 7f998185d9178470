import { labels } from '../names.ts'
import type { Kinds } from '../objects.ts'
import { IS_AGENT } from './agentAccount.ts'

/**
 * The agent's account may delete pods because nobody else stops those of a group that loses its places, and RBAC does not
 * know labels. With its token nobody deletes another pod.
 */
export const agentOnlyDeletesPodsOfGroups: Kinds['ValidatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'agent-only-deletes-pods-of-groups.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] }],
    },
    matchConditions: [{ name: 'the-agent', expression: IS_AGENT }],
    validations: [
      {
        expression: [
          `has(oldObject.metadata.labels) && '${labels.group}' in oldObject.metadata.labels &&`,
          `has(namespaceObject.metadata.labels) && '${labels.tenant}' in namespaceObject.metadata.labels`,
        ].join(' '),
        message: 'The agent of Sluice deletes pods of groups in tenants’ namespaces only: all others are their Jobs’.',
        reason: 'Forbidden',
      },
    ],
    failurePolicy: 'Fail',
  },
}
