import { SYSTEM_NAMESPACE } from '../names.ts'
import { AGENT_ACCOUNT } from '../rbac/agentObjects.ts'

/** CEL for policies: whether whoever asks is the account that the deployed agent runs as. */
export const IS_AGENT = `request.userInfo.username == 'system:serviceaccount:${SYSTEM_NAMESPACE}:${AGENT_ACCOUNT}'`
