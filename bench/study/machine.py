"""What the study runs on: cores, memory nodes, clock, load, compiler and commit."""
import glob
import json
import os
import platform
import shutil
import subprocess

UNKNOWN = "not available"
TOPOLOGY = "/sys/devices/system/cpu/cpu%d/topology/%s"


def read(path, default=UNKNOWN):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return default


def output(*command, cwd=None):
    """Standard output of a command; UNKNOWN where it is missing or fails."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return done.stdout.strip()


def affinity():
    return sorted(os.sched_getaffinity(0))


def cores():
    """Physical cores this process may use: hyperthreads of one core count once."""
    seen = set()
    for cpu in affinity():
        package = read(TOPOLOGY % (cpu, "physical_package_id"), "")
        core = read(TOPOLOGY % (cpu, "core_id"), "")
        seen.add((package, core) if core else cpu)
    return len(seen)


def quota():
    """Processors' worth of time that the control group grants; None without a bound."""
    fields = read("/sys/fs/cgroup/cpu.max", "").split()
    if len(fields) == 2 and fields[0] != "max":
        return int(fields[0]) / int(fields[1])
    return None


def usable_cores():
    """Threads beyond this number share a core or its time."""
    bound = quota()
    return cores() if bound is None else max(1, min(cores(), int(bound)))


def cpu_model():
    for line in read("/proc/cpuinfo", "").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def load_average():
    try:
        return list(os.getloadavg())
    except OSError:
        return []


def governor():
    found = {read(path) for path in
             glob.glob("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")}
    return ", ".join(sorted(found)) or UNKNOWN


def caches():
    """Google Benchmark's list, from the first processor."""
    found = []
    for folder in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index[0-9]*")):
        size = read(os.path.join(folder, "size"), "")
        if size.endswith("K"):
            found.append({"type": read(os.path.join(folder, "type")),
                          "level": int(read(os.path.join(folder, "level"), "0")),
                          "size": 1024 * int(size[:-1])})
    return found


def numa_nodes():
    """Processors of each memory node."""
    found = {}
    for folder in sorted(glob.glob("/sys/devices/system/node/node[0-9]*")):
        found[os.path.basename(folder)] = read(os.path.join(folder, "cpulist"))
    return found


def topology():
    """(source, text): hwloc's drawing, or what lscpu prints."""
    if shutil.which("lstopo-no-graphics"):
        text = output("lstopo-no-graphics", "--no-io", "--of", "console")
        if text != UNKNOWN:
            return "hwloc", text
    return "lscpu", output("lscpu")


def memory_bytes():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")


def describe():
    source, text = topology()
    return {"cpu": cpu_model(), "processors": len(affinity()), "cores": cores(),
            "quota": quota(), "usable_cores": usable_cores(), "caches": caches(),
            "numa_nodes": numa_nodes(), "memory_bytes": memory_bytes(), "governor": governor(),
            "kernel": "%s %s" % (platform.system(), platform.release()),
            "topology_source": source, "topology": text}


# ---- the build ----

def commit(root):
    name = output("git", "rev-parse", "HEAD", cwd=root)
    changed = output("git", "status", "--porcelain", "--untracked-files=no", cwd=root)
    return name + " with changes" if changed not in ("", UNKNOWN) else name


def compile_flags(folder, source):
    """Options of one source file, from the build's compile_commands.json."""
    try:
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
            commands = json.load(file)
    except (OSError, ValueError):
        return UNKNOWN
    for entry in commands:
        if entry["file"].endswith(source):
            words = entry.get("command", "").split()
            return " ".join(w for w in words if w.startswith(("-O", "-f", "-m", "-std", "-D", "-g")))
    return UNKNOWN


def build(root, mixfill, isa):
    folder = os.path.dirname(os.path.abspath(mixfill))
    return {"commit": commit(root), "flags": compile_flags(folder, "src/mixture/em.c"),
            "kernel_flags": compile_flags(folder, "src/kernel/kernel_%s.c" % isa)}
