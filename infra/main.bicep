metadata description = 'The inference endpoint as a function app on Flex Consumption, with its storage, identities and monitoring.'

@description('Name of this installation, such as dev or prod. Part of every resource name.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region. It must offer Flex Consumption: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('The engine that runs the functions: native is this repository\'s, official is Microsoft\'s. The package must be published for it.')
@allowed(['native', 'official'])
param engine string = 'native'

@description('The process that the platform starts. native is Azure\'s runtime for native executables, a preview, .NET not promised by the platform. It needs a package published with AzureRuntime=native.')
@allowed(['dotnet-isolated', 'native'])
param azureRuntime string = 'dotnet-isolated'

@description('Memory of an instance in MB, and with it the price of a second: 512 has a quarter of a processor, 2048 one, 4096 two. Models and their working memory must fit.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Concurrent HTTP requests of an instance above which another instance is added. Inference is limited by the processor, so more than a few requests per processor only wait.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 4

@description('Maximum number of instances of all functions together. It limits the cost.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 20

@description('Instances that always run for HTTP, each paid by the hour. With 0, the app scales to zero, and the first request after a pause waits for a cold start.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Survives the loss of a datacentre: zone-redundant storage and plan. Needs two always-ready instances or more, and a region with zones.')
param zoneRedundant bool = false

@description('Puts storage behind private endpoints in a virtual network of the app. Models are then uploaded from inside it.')
param isolateNetwork bool = false

@description('Days until results and the requests they came from are deleted.')
@minValue(1)
param resultRetentionDays int = 7

@description('Maximum gigabytes of telemetry per day. Further telemetry of the day is dropped. It limits the cost.')
@minValue(1)
param telemetryDailyCapGB int = 1

@description('Latency limit of an alert in milliseconds: the alert fires when the 95th percentile of successful predictions is higher. The right limit depends on the models.')
@minValue(1)
param latencyThresholdMilliseconds int = 1000

@description('Address that receives the alerts. Empty: alerts are only in the portal.')
param alertEmail string = ''

@description('Object id of the identity that uploads models. Empty: assign the role by hand.')
param deployerPrincipalId string = ''

@description('The type of the identity in deployerPrincipalId.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerPrincipalType string = 'User'

var suffix = '${environmentName}-${take(uniqueString(resourceGroup().id, environmentName), 6)}'
var tags = { 'azd-env-name': environmentName }

// The app's default names. They are passed to the app, so that it uses the queues and containers that are created here.
var queues = {
  requests: 'predictions'
  results: 'predictions-results'
  poison: 'predictions-poison'
  failed: 'predictions-failed'
}
var containers = {
  models: 'models'
  results: 'prediction-results'
}
var deploymentContainer = 'deployments'

// Names are computed here and not by the modules, so that a what-if shows all resources.
var appIdentityName = 'id-inference-${suffix}'
var hostIdentityName = 'id-inference-host-${suffix}'
var dataAccountName = 'st${uniqueString(resourceGroup().id, environmentName)}'
var hostAccountName = 'sthost${uniqueString(resourceGroup().id, environmentName)}'
var applicationInsightsName = 'appi-inference-${suffix}'

resource identities 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [
  for name in [appIdentityName, hostIdentityName]: {
    name: name
    location: location
    tags: tags
  }
]

module dataStorage 'modules/storage.bicep' = {
  params: {
    name: dataAccountName
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    isPublic: !isolateNetwork
    containerNames: map(items(containers), container => container.value)
    queueNames: map(items(queues), queue => queue.value)
    resultsContainer: containers.results
    resultRetentionDays: resultRetentionDays
  }
}

// Contains the Functions host's state and the app's package. The app's identity cannot change them.
module hostStorage 'modules/storage.bicep' = {
  params: {
    name: hostAccountName
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    isPublic: !isolateNetwork
    containerNames: [deploymentContainer]
    queueNames: []
    resultsContainer: ''
    resultRetentionDays: resultRetentionDays
  }
}

module network 'modules/network.bicep' = if (isolateNetwork) {
  params: {
    name: 'vnet-inference-${suffix}'
    location: location
    tags: tags
    dataAccountName: dataAccountName
    hostAccountName: hostAccountName
  }
  dependsOn: [dataStorage, hostStorage]
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    suffix: suffix
    applicationInsightsName: applicationInsightsName
    location: location
    tags: tags
    dailyCapGB: telemetryDailyCapGB
  }
}

module roles 'modules/roles.bicep' = {
  params: {
    appIdentityName: appIdentityName
    hostIdentityName: hostIdentityName
    dataAccountName: dataAccountName
    hostAccountName: hostAccountName
    applicationInsightsName: applicationInsightsName
    modelsContainer: containers.models
    resultsContainer: containers.results
    triggerQueues: [queues.requests, queues.poison]
    outputQueues: [queues.results, queues.failed]
    deployerPrincipalId: deployerPrincipalId
    deployerPrincipalType: deployerPrincipalType
  }
  dependsOn: [identities, dataStorage, hostStorage, monitoring]
}

module app 'modules/function-app.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: tags
    appIdentityName: appIdentityName
    hostIdentityName: hostIdentityName
    dataAccountName: dataAccountName
    hostAccountName: hostAccountName
    applicationInsightsName: applicationInsightsName
    deploymentContainer: deploymentContainer
    engine: engine
    azureRuntime: azureRuntime
    subnetId: isolateNetwork ? network!.outputs.appSubnetId : ''
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    zoneRedundant: zoneRedundant
    settings: {
      Models__Source: 'blob:${containers.models}'
      Predictions__Queue: queues.requests
      Predictions__ResultsQueue: queues.results
      Predictions__Container: containers.results
      Predictions__ResultTimeToLive: '${resultRetentionDays}.00:00:00'
    }
  }
  // The first deployment writes the package with the host's identity, and an app that starts without its roles fails for minutes.
  dependsOn: [roles]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: tags
    applicationInsightsName: applicationInsightsName
    failedQueue: queues.failed
    latencyThresholdMilliseconds: latencyThresholdMilliseconds
    email: alertEmail
  }
  dependsOn: [monitoring]
}

// The names of outputs begin with lower-case letters. Resource Manager changes capitals at the beginning, so azd and az would see different
// names.
output functionAppName string = app.outputs.name
output functionAppUrl string = 'https://${app.outputs.hostName}'
output storageAccountName string = dataAccountName
output modelsContainer string = containers.models
