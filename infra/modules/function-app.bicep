metadata description = 'The function app on a Flex Consumption plan. It opens storage with its own identity, or with the Functions host\'s.'

param suffix string
param location string
param tags { *: string }
param appIdentityName string
param hostIdentityName string
param dataAccountName string
param hostAccountName string
param applicationInsightsName string
param deploymentContainer string

@allowed(['native', 'official'])
param engine string

@allowed(['dotnet-isolated', 'native'])
param azureRuntime string

@description('Empty: the app is in no virtual network.')
param subnetId string
param instanceMemoryMB int
param httpConcurrency int
param maximumInstanceCount int
param alwaysReadyInstances int
param zoneRedundant bool

@description('The app\'s own settings. On Linux their names have letters, digits, . and _ only.')
param settings { *: string }

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: appIdentityName }

resource hostIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: hostIdentityName }

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: dataAccountName }

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: hostAccountName }

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = { name: applicationInsightsName }

// The platform's .NET placeholder loads managed code, so it cannot run a native executable.
var engineSettings = engine == 'native' ? { WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED: '0' } : {}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-inference-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-inference-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'inference' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    // Flex Consumption gives the app's process both identities, so the app's code could also use the host's identity.
    userAssignedIdentities: { '${appIdentity.id}': {}, '${hostIdentity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostAccount.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: hostIdentity.id
          }
        }
      }
      // Preview, .NET not promised by the platform. Flex Consumption's runtime for native executables has the name "go".
      runtime: azureRuntime == 'native' ? { name: 'go', version: '1.0' } : { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
  }

  // FUNCTIONS_WORKER_RUNTIME is missing, because Flex Consumption refuses it. functionAppConfig.runtime takes its place.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, engineSettings, {
      AzureWebJobsStorage__accountName: hostAccount.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: hostIdentity.properties.clientId
      InferenceStorage__blobServiceUri: dataAccount.properties.primaryEndpoints.blob
      InferenceStorage__queueServiceUri: dataAccount.properties.primaryEndpoints.queue
      InferenceStorage__credential: 'managedidentity'
      InferenceStorage__clientId: appIdentity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${appIdentity.properties.clientId};Authorization=AAD'
    })
  }

  // Publishing profiles contain passwords. Deployments use a token instead.
  resource basicAuthenticationFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource basicAuthenticationScm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
