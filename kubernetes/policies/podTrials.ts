import type { Kinds } from '../objects.ts'
import { IS_AGENT } from './agentAccount.ts'

/**
 * The agent's account may create pods because it tries what a template's pods will ask for, and RBAC does not
 * tell a dry run from the real thing. This does: with its token nobody makes a pod that runs.
 */
export const agentOnlyTriesPods: Kinds['ValidatingAdmissionPolicy'] = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'agent-only-tries-pods.sluice.dev' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    matchConditions: [{ name: 'the-agent', expression: IS_AGENT }],
    validations: [
      {
        expression: 'has(request.dryRun) && request.dryRun',
        message: 'The agent of Sluice creates pods as a dry run only: Jobs make its pods.',
        reason: 'Forbidden',
      },
    ],
    failurePolicy: 'Fail',
  },
}
