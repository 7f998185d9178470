import { GROUP } from '../names.ts'

/**
 * Who may write what the scheduler writes: the agent, and administrators of the cluster. It is asked as a
 * permission, not as a list of names: an installation gives it to the account its agent runs as
 * (`schedule` on `jobs` of the group), `cluster-admin` has it anyway, and the roles that tenants get
 * (`edit`, `admin`) do not. It is asked for the whole cluster, so no Role in a namespace can give it.
 */
export const SCHEDULING_PERMISSION = { apiGroup: GROUP, resource: 'jobs', verb: 'schedule' } as const

const { apiGroup, resource, verb } = SCHEDULING_PERMISSION

/** CEL for policies: whether whoever asks acts for Sluice. */
export const ACTS_FOR_SLUICE = `authorizer.group('${apiGroup}').resource('${resource}').check('${verb}').allowed()`

/** Kubernetes' own account that makes Jobs from CronJobs. */
export const CRONJOB_CONTROLLER = 'system:serviceaccount:kube-system:cronjob-controller'
