metadata description = 'A virtual network for the app, and private endpoints through which it reaches its storage.'

param name string
param location string
param tags { *: string }
param dataAccountName string
param hostAccountName string

var services = ['blob', 'queue', 'table']

// The services of the data account that the app uses, and those of the host account that the Functions host uses.
var connections = [
  { name: 'data-blob', account: dataAccountName, service: 'blob' }
  { name: 'data-queue', account: dataAccountName, service: 'queue' }
  { name: 'host-blob', account: hostAccountName, service: 'blob' }
  { name: 'host-table', account: hostAccountName, service: 'table' }
]

resource accounts 'Microsoft.Storage/storageAccounts@2025-01-01' existing = [for connection in connections: { name: connection.account }]

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
    subnets: [
      {
        name: 'app'
        properties: {
          // Each address serves only a limited number of instances, so a small subnet limits the scale-out.
          addressPrefix: '10.0.0.0/24'
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.0.1.0/27' }
      }
    ]
  }

  resource appSubnet 'subnets' existing = { name: 'app' }

  resource endpointSubnet 'subnets' existing = { name: 'endpoints' }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in services: {
    parent: zones[i]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: virtualNetwork.id }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [
  for (connection, i) in connections: {
    name: 'pe-${connection.name}-${name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: virtualNetwork::endpointSubnet.id }
      privateLinkServiceConnections: [
        {
          name: connection.name
          properties: {
            privateLinkServiceId: accounts[i].id
            groupIds: [connection.service]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [
  for (connection, i) in connections: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: connection.service, properties: { privateDnsZoneId: zones[indexOf(services, connection.service)].id } }
      ]
    }
  }
]

output appSubnetId string = virtualNetwork::appSubnet.id
