import type { Kinds, Pod } from '../../objects.ts'
import { cpuMilli, memoryMiB, wholeUnits } from '../../quantity.ts'
import { forbidden } from '../store/refusals.ts'
import { nameOf, namespaceOf, type StoredObject, typed } from '../store/storedObject.ts'
import type { Machine } from './machine.ts'

/**
 * Refuses a pod that a ResourceQuota of its namespace has no room for. Counted are pods, cpu, memory and
 * extended resources, by their requests; quotas with scopes and of other things are not looked at.
 * @throws ClusterError FORBIDDEN
 */
export function checkQuota(machine: Machine, pod: StoredObject): void {
  for (const object of machine.store.all('ResourceQuota', namespaceOf(pod))) {
    const quota = typed('ResourceQuota', object)
    if (quota.spec?.scopes === undefined && quota.spec?.scopeSelector === undefined) checkOne(machine, quota, pod)
  }
}

function checkOne(machine: Machine, quota: Kinds['ResourceQuota'], pod: StoredObject): void {
  for (const [resource, limit] of Object.entries(quota.spec?.hard ?? {})) {
    const requested = amountOf(typed('Pod', pod), resource)
    if (requested === 0) continue
    let used = 0
    for (const other of machine.store.all('Pod', namespaceOf(pod))) {
      const { status } = typed('Pod', other)
      const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
      if (!hasEnded) used += amountOf(typed('Pod', other), resource)
    }
    if (used + requested <= parse(resource, limit)) continue
    const numbers = `requested: ${resource}=${requested}, used: ${resource}=${used}, limited: ${resource}=${limit}`
    throw forbidden('Pod', nameOf(pod), `exceeded quota: ${quota.metadata.name}, ${numbers}`)
  }
}

function amountOf({ spec }: Pod, resource: string): number {
  if (resource === 'pods' || resource === 'count/pods') return 1
  const name = resource.replace(/^requests\./, '')
  let amount = 0
  for (const { resources } of spec?.containers ?? []) {
    amount += parse(resource, resources?.requests?.[name] ?? resources?.limits?.[name] ?? '0')
  }
  return amount
}

function parse(resource: string, quantity: string): number {
  if (resource.endsWith('cpu')) return cpuMilli(quantity, 'up')
  return resource.endsWith('memory') ? memoryMiB(quantity, 'up') : wholeUnits(quantity)
}
