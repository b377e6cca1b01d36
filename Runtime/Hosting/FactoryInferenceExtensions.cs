using System.Diagnostics.Metrics;
using Factory.Runtime;
using Factory.Runtime.Chat;
using Factory.Runtime.Engine;
using Factory.Runtime.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

// Beside the other Add methods, as is the custom: no further using is needed to find it.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Factory's inference as services.</summary>
public static class FactoryInferenceExtensions
{
    /// <summary>
    /// Adds, as singletons made when first asked for and disposed with the container: <see cref="LanguageModel"/>, <see cref="InferenceEngine"/>,
    /// <see cref="TextEngine"/> and, for bundles with a chat template, <see cref="IChatClient"/>. Logging and <see cref="IMeterFactory"/> are used where
    /// the container has them.
    /// </summary>
    /// <param name="configure">Sets at least <see cref="FactoryInferenceOptions.Bundle"/>.</param>
    /// <exception cref="OptionsValidationException">When first used: an option is out of range.</exception>
    public static IServiceCollection AddFactoryInference(this IServiceCollection services, Action<FactoryInferenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<FactoryInferenceOptions>().Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FactoryInferenceOptions>, FactoryInferenceOptions.Validator>());
        services.TryAddSingleton(Load);
        services.TryAddSingleton(provider => new InferenceEngine(
            provider.GetRequiredService<LanguageModel>(),
            provider.GetRequiredService<IOptions<FactoryInferenceOptions>>().Value.Engine,
            provider.GetService<ILogger<InferenceEngine>>(),
            provider.GetService<IMeterFactory>(),
            provider.GetService<TimeProvider>()));
        services.TryAddSingleton(provider => new TextEngine(provider.GetRequiredService<InferenceEngine>()));
        services.TryAddSingleton<IChatClient>(provider => new BundleChatClient(provider.GetRequiredService<TextEngine>()));
        return services;
    }

    private static LanguageModel Load(IServiceProvider provider)
    {
        FactoryInferenceOptions options = provider.GetRequiredService<IOptions<FactoryInferenceOptions>>().Value;
        ILogger? log = provider.GetService<ILogger<LanguageModel>>();
        LanguageModel model = LanguageModel.Load(Bundle.Open(options.Bundle), options.Runtime, log is null ? null : line => log.ModelLoading(line));
        try
        {
            if (options.VerifyProbe)
            {
                ProbeVerifier.Verify(model, options.Bundle);
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
