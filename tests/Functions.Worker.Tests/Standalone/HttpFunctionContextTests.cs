using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Functions.Worker.Tests.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Tests.Standalone;

public sealed class HttpFunctionContextTests
{
    private readonly DefaultHttpContext _http = new();

    [Fact]
    public void InstanceServices_SingletonIsRequested_IsTheAppsAndMakesNoScope()
    {
        using var app = Build(services => services.AddSingleton<Gate>());
        var sut = Create(app);

        Assert.Same(app.GetRequiredService<Gate>(), sut.InstanceServices.GetRequiredService<Gate>());
    }

    [Fact]
    public void InstanceServices_ScopedServiceIsRequested_IsTheRequests()
    {
        using var app = Build(services => services.AddScoped<Gate>());
        using var scope = app.CreateScope();
        var sut = Create(app);
        _http.RequestServices = scope.ServiceProvider;

        Assert.Same(scope.ServiceProvider.GetRequiredService<Gate>(), sut.InstanceServices.GetRequiredService<Gate>());
    }

    [Fact]
    public void InstanceServices_SingletonWasRegisteredAgainAsScoped_IsTheRequests()
    {
        using var app = Build(services => services.AddSingleton<Gate>().AddScoped<Gate>());
        using var scope = app.CreateScope();
        var sut = Create(app);
        _http.RequestServices = scope.ServiceProvider;

        Assert.Same(scope.ServiceProvider.GetRequiredService<Gate>(), sut.InstanceServices.GetRequiredService<Gate>());
    }

    [Fact]
    public void InstanceServices_ServiceIsUnknown_IsNull()
    {
        using var app = Build(services => services.AddSingleton<object>());
        _http.RequestServices = app;

        Assert.Null(Create(app).InstanceServices.GetService<Gate>());
    }

    [Fact]
    public void InstanceServices_Replaced_AreUsedForSingletonsToo()
    {
        using var app = Build(services => services.AddSingleton<Gate>());
        using var other = Build(services => services.AddSingleton<Gate>());
        var sut = Create(app);

        sut.InstanceServices = other;

        Assert.Same(other.GetRequiredService<Gate>(), sut.InstanceServices.GetRequiredService<Gate>());
    }

    private static ServiceProvider Build(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddSingleton(provider => new SingletonServices(services, provider));
        add(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    private HttpFunctionContext Create(ServiceProvider app)
    {
        var function = new FunctionDescriptor("id", "Test", "Tests.Test") { ScriptFile = "test.dll", RawBindings = [] };
        return new HttpFunctionContext(_http, function, app.GetRequiredService<SingletonServices>());
    }
}
