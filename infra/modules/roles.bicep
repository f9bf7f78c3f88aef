metadata description = 'Who may do what; docs/deployment.md has the same table.'

param appIdentityName string
param hostIdentityName string
param dataAccountName string
param hostAccountName string
param applicationInsightsName string
param modelsContainer string
param resultsContainer string

@description('Queues with triggers: messages are received, renewed, put back and deleted.')
param triggerQueues string[]

@description('Queues that messages are only sent to.')
param outputQueues string[]
param deployerPrincipalId string
param deployerPrincipalType string

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// Roles on the whole account, because the Functions host creates its own containers and tables.
var hostRoles = [blobDataOwner, tableDataContributor]

// Changing the visibility of a message is a write, which the narrower role Message Processor does not allow.
var queueRoles = concat(
  map(triggerQueues, queue => { queue: queue, role: queueDataContributor }),
  map(outputQueues, queue => { queue: queue, role: queueDataMessageSender })
)

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: appIdentityName }

resource hostIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: hostIdentityName }

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: hostAccountName }

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource models 'containers' existing = { name: modelsContainer }

    resource results 'containers' existing = { name: resultsContainer }
  }

  resource queueService 'queueServices' existing = { name: 'default' }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = [
  for assignment in queueRoles: {
    parent: dataAccount::queueService
    name: assignment.queue
  }
]

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = { name: applicationInsightsName }

resource hostOnItsAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in hostRoles: {
    name: guid(hostAccount.id, hostIdentity.id, role)
    scope: hostAccount
    properties: {
      principalId: hostIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource appOnModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(dataAccount::blobs::models.id, appIdentity.id, blobDataReader)
  scope: dataAccount::blobs::models
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataReader)
  }
}

resource appOnResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(dataAccount::blobs::results.id, appIdentity.id, blobDataContributor)
  scope: dataAccount::blobs::results
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource appOnQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (assignment, i) in queueRoles: {
    name: guid(queues[i].id, appIdentity.id, assignment.role)
    scope: queues[i]
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignment.role)
    }
  }
]

resource appOnTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(applicationInsights.id, appIdentity.id, monitoringMetricsPublisher)
  scope: applicationInsights
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

resource deployerOnModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(dataAccount::blobs::models.id, deployerPrincipalId, blobDataContributor)
  scope: dataAccount::blobs::models
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}
