//! The built-in library is compiled in: a file that is added to it must lead to a new build.

fn main() {
    println!("cargo::rerun-if-changed=patterns");
    println!("cargo::rerun-if-changed=pipelines");
}
