using System.Runtime.InteropServices;

namespace Factory.Trainer.LibTorch;

/// <summary>
/// Lets OpenMP's idle threads sleep. By default they spin between libtorch's parallel loops, which on a machine with other work takes the core
/// from the very thread that is waited for: ten small golden updates took 41 s instead of 4 s with two cores at load 15.
/// </summary>
public static partial class OpenMPWaiting
{
    private const string Variable = "OMP_WAIT_POLICY";

    /// <summary>Comes before libtorch is loaded, since its OpenMP library reads the variable then. A value that the user set stays.</summary>
    public static void Sleep()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Variable) is null)
        {
            // Environment.SetEnvironmentVariable changes .NET's copy only; native libraries see the C library's.
            _ = SetVariable(Variable, "passive", 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
