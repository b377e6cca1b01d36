using System.Runtime.InteropServices;

namespace Factory.Runtime.Native;

/// <summary>
/// Since 1.29 ONNX Runtime's own builds for Linux and macOS send telemetry by default. It starts with the library's environment, so the variable that forbids
/// it must be set before; the API call afterwards is for builds (Windows) that trace through the system.
/// </summary>
internal static partial class Telemetry
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Forbids it to this process and its children. Call before ONNX Runtime is loaded.</summary>
    public static void Disable()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps its environment apart from the one that native code reads.
            _ = SetEnvironment(Variable, "1", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
