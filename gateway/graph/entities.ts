import { type ExecutionResult, Kind, type ObjectTypeDefinitionNode, parse } from 'graphql'
import type { Subgraph } from '../../platform/graph/subgraph.ts'

/**
 * Asks an object's owner whether the caller may see it.
 * @param typename of the object, as in `Job`
 * @throws GraphQLError where the owner has no answer
 */
export type EntityExists = (typename: string, id: string, identityToken: string, requestId: string) => Promise<boolean>

type Owner = Pick<Subgraph, 'name' | 'typeDefs' | 'execute'>

const ENTITY = parse(
  'query EntityExists($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }',
)

/** @param subgraphs read at the first question, so that the list may still grow until then */
export function entityExists(subgraphs: readonly Owner[]): EntityExists {
  let owners: Map<string, Owner> | undefined
  return async (typename, id, identityToken, requestId) => {
    owners ??= entityOwners(subgraphs)
    const owner = owners.get(typename)
    if (!owner) return false
    const variables = { representations: [{ __typename: typename, id }] }
    const { data, errors } = (await owner.execute({
      document: ENTITY,
      variables,
      identityToken,
      requestId,
    })) as ExecutionResult
    const entities = data?._entities as ({ __typename: string } | null)[] | undefined
    if (entities?.[0]) return true
    const unanswered = errors?.find(({ extensions }) => extensions.code !== 'NOT_FOUND')
    if (unanswered) throw unanswered
    return false
  }
}

/** A type's owner is the subgraph that declares it as a Node and resolves it by key; others only add fields or point at it. */
export function entityOwners<T extends Pick<Owner, 'name' | 'typeDefs'>>(subgraphs: readonly T[]): Map<string, T> {
  const owners = new Map<string, T>()
  for (const subgraph of subgraphs) {
    for (const definition of parse(subgraph.typeDefs).definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !isOwned(definition)) continue
      const typename = definition.name.value
      const rival = owners.get(typename)
      if (rival) throw new Error(`Both ${rival.name} and ${subgraph.name} claim to own ${typename}.`)
      owners.set(typename, subgraph)
    }
  }
  return owners
}

function isOwned({ interfaces, directives }: ObjectTypeDefinitionNode): boolean {
  const key = directives?.find(({ name }) => name.value === 'key')
  const resolvable = key?.arguments?.find(({ name }) => name.value === 'resolvable')?.value
  const isNode = interfaces?.some(({ name }) => name.value === 'Node')
  return key !== undefined && isNode === true && !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value)
}
