using Factory.Core;
using Microsoft.Extensions.Configuration;

namespace Factory.InferenceApi.Settings;

/// <summary>Where settings come from, the later over the earlier: appsettings.json of the working directory, the environment, the command line.</summary>
internal static class ServerConfiguration
{
    private const string FileName = "appsettings.json";

    /// <param name="given">What the command line says, by configuration key.</param>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> given)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        try
        {
            builder.Configuration.SetBasePath(Directory.GetCurrentDirectory()).AddJsonFile(FileName, optional: true);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{FileName}: expected a JSON object of settings, found something else: {(error.InnerException ?? error).Message.ReplaceLineEndings(" ")}", error);
        }
        builder.Configuration.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddInMemoryCollection(given);
        return builder;
    }
}
