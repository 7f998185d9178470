import type { Command } from '../command.ts'
import { startGatewayRole } from '../roles/gatewayRole.ts'
import { runRole } from '../roles/runRole.ts'

export const gateway: Command = {
  summary: 'Runs the gateway alone, over subgraphs in processes of their own.',
  usage: 'gateway',
  run: (_args, settings) => runRole('gateway', settings, (role) => startGatewayRole(settings, role)),
}
