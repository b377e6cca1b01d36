using Factory.Core;
using Factory.Runtime.Engine;
using Microsoft.Extensions.Options;

namespace Factory.Runtime.Hosting;

/// <summary>Which bundle a host serves, and how.</summary>
public sealed class FactoryInferenceOptions
{
    /// <summary>The bundle's directory. Required.</summary>
    public string Bundle { get; set; } = "";

    /// <summary>How the model is loaded.</summary>
    public RuntimeOptions Runtime { get; set; } = new();

    /// <summary>How much runs at once.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>Whether the model replays its probe before it is used, so that what answers is what was trained. Default: true.</summary>
    public bool VerifyProbe { get; set; } = true;

    /// <summary>Says at start what is wrong.</summary>
    internal sealed class Validator : IValidateOptions<FactoryInferenceOptions>
    {
        public ValidateOptionsResult Validate(string? name, FactoryInferenceOptions options)
        {
            try
            {
                if (options.Bundle.Length == 0)
                {
                    throw new SettingError("bundle", "expected a bundle's directory, found none.");
                }
                options.Runtime.Validate();
                options.Engine.Validate();
                return ValidateOptionsResult.Success;
            }
            catch (SettingError error)
            {
                return ValidateOptionsResult.Fail(error.Message);
            }
        }
    }
}
