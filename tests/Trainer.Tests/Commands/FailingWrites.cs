using System.Diagnostics;

namespace Factory.Trainer.Tests.Commands;

/// <summary>A library to preload into a process, under which writing to files with a certain name fails as on a bad disk.</summary>
public sealed class FailingWrites : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/types.h>
        #include <unistd.h>
        static int fails(int file)
        {
            char link[64], path[4096];
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            ssize_t length = readlink(link, path, sizeof path - 1);
            if (length < 0) return 0;
            path[length] = 0;
            if (!strstr(path, getenv("FAILING_NAME"))) return 0;
            errno = atoi(getenv("FAILING_ERROR"));
            return 1;
        }
        ssize_t write(int file, const void *from, size_t count)
        {
            static ssize_t (*real)(int, const void *, size_t);
            if (!real) real = dlsym(RTLD_NEXT, "write");
            return fails(file) ? -1 : real(file, from, count);
        }
        ssize_t pwrite64(int file, const void *from, size_t count, off_t place)
        {
            static ssize_t (*real)(int, const void *, size_t, off_t);
            if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
            return fails(file) ? -1 : real(file, from, count, place);
        }
        ssize_t pwrite(int file, const void *from, size_t count, off_t place) { return pwrite64(file, from, count, place); }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly bool _built;

    public FailingWrites()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        File.WriteAllText(_folder.At("failing.c"), Source);
        try
        {
            using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", _folder.At("failing.so"), _folder.At("failing.c"), "-ldl"]);
            compiler.WaitForExit();
            _built = compiler.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No compiler on this machine.
        }
    }

    /// <summary>Variables under which writing to paths that hold <paramref name="name"/> fails with <paramref name="error"/>; skips the calling test where that is not possible.</summary>
    public Dictionary<string, string> Environment(string name, int error)
    {
        Assert.SkipUnless(_built, "needs Linux and a C compiler");
        return new() { ["LD_PRELOAD"] = _folder.At("failing.so"), ["FAILING_NAME"] = name, ["FAILING_ERROR"] = error.ToString(System.Globalization.CultureInfo.InvariantCulture) };
    }

    public void Dispose() => _folder.Dispose();
}
