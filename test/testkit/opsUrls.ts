import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import { type Cloud, MODE } from './cloud.ts'

/** Where the ops listeners of all roles are, as the programs say it themselves. */
export function opsUrls(cloud: Cloud): string[] {
  const written =
    MODE === 'whole'
      ? [cloud.program.stdout()]
      : (['gateway', 'agent', ...SUBGRAPH_NAMES] as const).map((name) => cloud.roles.process(name).stdout())
  return written.flatMap((stdout) => [
    ...[...stdout.matchAll(/(http:\S+)\/metrics/g)].map(([, url]) => url ?? ''),
    ...[...stdout.matchAll(/\(operations: (http:[^)]+)\)/g)].map(([, url]) => url ?? ''),
  ])
}
