import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { DEFAULT_FIRST, MAX_FIRST } from '../../platform/graph/pages.ts'

/** How many objects an operation may have to make, and whether it asks for the schema. */
export interface Cost {
  cost: number
  introspects: boolean
}

interface Priced {
  document: DocumentNode
  operationName?: string | undefined
  /** As the client sent them: null where it says so. */
  variables?: Record<string, unknown> | null | undefined
}

/** A list without a page: nobody bounds it by an argument, so it is taken to be short. */
const UNPAGED_LIST_SIZE = 10
/** The whole schema, however it is asked for. */
const INTROSPECTION_COST = 100
/** A transaction with its audit, or a stream that is kept. */
const CHANGE_COST = 10
/** Questions for which the scheduler's plan is made anew, up to seconds of work; by their names at the root. */
const PLANNED: ReadonlySet<string> = new Set(['admissionPreview', 'simulateScheduling', 'defragmentationPlan'])
const PLANNED_COST = 200

/**
 * Every object counts 1, as often as lists may repeat it; a list has as many as its page may hold.
 * The same numbers bound the pages themselves, so an operation never makes more than it was priced at.
 * @param operation valid: its fields exist, and its fragments do not spread themselves
 */
export function costOf(schema: GraphQLSchema, { document, operationName, variables }: Priced): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return { cost: 0, introspects: false }
  const defaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  )
  /** By fragment and page: each is priced once, however often it is spread. */
  const known = new Map<string, number>()
  const changing = new Set<unknown>([schema.getMutationType(), schema.getSubscriptionType()])
  let introspects = false

  function ofSelections({ selections }: SelectionSetNode, type: GraphQLCompositeType, page: number): number {
    let cost = 0
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += ofField(selection, type, page)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += ofFragment(selection.name.value, page)
      else cost += ofSelections(selection.selectionSet, conditionOf(selection.typeCondition?.name.value) ?? type, page)
    }
    return cost
  }

  function ofFragment(name: string, page: number): number {
    const key = `${page} ${name}`
    const priced = known.get(key)
    if (priced !== undefined) return priced
    known.set(key, 0)
    const fragment = fragments.get(name)
    const type = conditionOf(fragment?.typeCondition.name.value)
    const cost = fragment && type ? ofSelections(fragment.selectionSet, type, page) : 0
    known.set(key, cost)
    return cost
  }

  function ofField(node: FieldNode, parent: GraphQLCompositeType, page: number): number {
    const name = node.name.value
    if (name === '__schema' || name === '__type') {
      introspects = true
      return INTROSPECTION_COST
    }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
    const type = field && getNamedType(field.type)
    if (!field || !node.selectionSet || !isCompositeType(type)) return 0
    const isPaged = field.args.some(({ name }) => name === 'first')
    const inner = ofSelections(node.selectionSet, type, isPaged ? pageOf(node) : UNPAGED_LIST_SIZE)
    return (isList(field) ? page : 1) * (1 + inner) + rootCost(parent, name)
  }

  function rootCost(parent: GraphQLCompositeType, name: string): number {
    if (changing.has(parent)) return CHANGE_COST
    return parent === schema.getQueryType() && PLANNED.has(name) ? PLANNED_COST : 0
  }

  /** Of what is asked for; a page that is no page is refused later on. */
  function pageOf(node: FieldNode): number {
    const first = node.arguments?.find(({ name }) => name.value === 'first')?.value
    const asked = first?.kind === Kind.VARIABLE ? variableOf(first.name.value) : wholeOf(first)
    return Math.min(Math.max(asked ?? DEFAULT_FIRST, 0), MAX_FIRST)
  }

  function variableOf(name: string): number | undefined {
    const given = variables?.[name]
    return typeof given === 'number' ? given : wholeOf(defaults.get(name))
  }

  function conditionOf(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }

  const cost = ofSelections(operation.selectionSet, root, UNPAGED_LIST_SIZE)
  return { cost, introspects }
}

function wholeOf(value: ValueNode | undefined): number | undefined {
  return value?.kind === Kind.INT ? Number(value.value) : undefined
}

function isList({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(type))
}
